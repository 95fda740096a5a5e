"""A key is never shown beyond its beginning."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.cli.connecting import key_prefix


@given(st.text(max_size=60))
def test_at_most_a_quarter_of_a_key_is_shown(key: str) -> None:
    assert key.startswith(key_prefix(key))
    assert len(key_prefix(key)) <= min(8, len(key) // 4)


def test_keys_can_be_told_apart() -> None:
    assert key_prefix("cfb_" + "abcd" * 10) == "cfb_abcd"
