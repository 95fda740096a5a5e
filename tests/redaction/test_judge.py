"""What is taken for a secret, and what for something that only stands in its place."""

from __future__ import annotations

import pytest

from confab_sync.redaction import entropy, judge
from confab_sync.redaction.judge import Strength
from confab_sync.redaction.literal import literal

REFERENCES = (
    b"", b"null", b"string", b"***", b"xxxxxxxx", b"${PASSWORD}", b"$TOKEN", b"$(pass show x)",
    b"<token>",
    b"{{ token }}", b"{password}", b"%(password)s", b"process.env.TOKEN1", b"os.environ[x1]",
    b"your-api-key",
    b"[REDACTED:API_KEY]", b"op://vault/item1/field", b"password", b"include", b"Bearer {token1}",
)  # fmt: skip


@pytest.mark.parametrize("value", REFERENCES)
def test_a_reference_is_no_secret_anywhere(value: bytes) -> None:
    assert not literal(value)
    for strength in Strength:
        assert not judge.field_value(value, strength=strength)
        assert not judge.quoted_value(value, strength=strength)
        assert not judge.bare_value(value, strength=strength)
        assert not judge.environment_value(value, strength=strength)


@pytest.mark.parametrize(
    "value",
    [b"hunt" + b"er2", b"correct horse battery staple", b"p@ss", b"q", b"$ecret12", b"\\\\x1y2"],
)
def test_any_literal_under_a_strong_name_in_data_is_a_secret(value: bytes) -> None:
    assert judge.field_value(value, strength=Strength.STRONG)


@pytest.mark.parametrize(
    "value", [b"Identifier", b"var(--color-red-500)", b"/etc/x1/y", b"user-12"]
)
def test_a_weak_name_needs_a_value_that_is_no_word(value: bytes) -> None:
    assert not judge.field_value(value, strength=Strength.WEAK)


def test_under_a_token_in_data_letters_with_digits_are_enough() -> None:
    value = b"some-token-42"
    assert judge.field_value(value, strength=Strength.CREDENTIAL)
    assert not judge.field_value(b"Identifier", strength=Strength.CREDENTIAL)
    assert not judge.field_value(value, strength=Strength.WEAK)


@pytest.mark.parametrize(
    "value", [b"getpass()", b"self.password1", b"tokens[0]", b"test1024Key", b"0x53c2_37", b"12345"]
)
def test_code_is_no_secret(value: bytes) -> None:
    assert not judge.bare_value(value, strength=Strength.STRONG)


@pytest.mark.parametrize(
    "value",
    [
        b"3f786850e387550fdab836ed7e6dc881de23001b",
        b"11111111-2222-3333-4444-55555555555a",
        b"2026-02-03T10:00:00.123Z",
        b"/usr/lib/python3.11/site-packages",
        b"sha512-q1w2e3r4t5y6u7i8o9p0",
    ],
)
def test_hashes_ids_dates_and_paths_are_not_given_away_by_prose(value: bytes) -> None:
    assert not entropy.unexplained(value)


def test_what_is_drawn_at_random_is_told_from_what_is_written() -> None:
    assert entropy.generated(b"q7Zt2LmX9vKc4RbT")
    assert not entropy.generated(b"my-feature-branch-2026")
    assert entropy.entropy(b"aaaa") == 0
    assert entropy.entropy(b"abcd") == 2
