from __future__ import annotations

from pathlib import Path

import pytest

from confab_sync.presence import marker
from confab_sync.process import Identity
from tests.presence.factories import files_in


def test_without_a_marker_a_session_is_on(tmp_path: Path) -> None:
    assert marker.reason(f"{tmp_path}/s.off") is None


@pytest.mark.parametrize("why", [marker.STOPPED, marker.DELETED, "paused, é"])
def test_a_marker_says_why_until_it_is_cleared(tmp_path: Path, why: str) -> None:
    path = f"{tmp_path}/s.off"
    marker.put(path, why)
    assert marker.reason(path) == why
    marker.clear(path)
    assert marker.reason(path) is None
    assert files_in(tmp_path) == []


def test_the_last_reason_wins(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.off"
    marker.put(path, marker.STOPPED)
    marker.put(path, marker.DELETED)
    assert marker.reason(path) == marker.DELETED


def test_clearing_twice_is_clearing_once(tmp_path: Path) -> None:
    marker.clear(f"{tmp_path}/s.off")
    assert marker.reason(f"{tmp_path}/s.off") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"reason":7}', b"{}", b"\xff"])
def test_a_marker_that_nobody_can_read_still_keeps_daemons_away(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "s.off"
    path.write_bytes(content)
    assert marker.reason(str(path)) == "unreadable marker"


def test_a_symlink_to_nowhere_keeps_daemons_away_too(tmp_path: Path) -> None:
    (tmp_path / "s.off").symlink_to(tmp_path / "nowhere")
    assert marker.reason(f"{tmp_path}/s.off") == "unreadable marker"


def test_a_marker_remembers_who_is_to_be_remembered(tmp_path: Path) -> None:
    path = f"{tmp_path}/new/s.off"
    ada = Identity(10, "1", "boot", "ns")
    marker.put(path, "paused", [ada])
    assert marker.parents(path) == {ada}
    marker.put(path, "paused")
    assert marker.parents(path) == set()
    assert marker.parents(f"{tmp_path}/none.off") == set()


@pytest.mark.parametrize("parents", ["7", "[7, null]", "{}", '[{"pid": "x"}]'])
def test_whom_nobody_can_read_is_nobody(tmp_path: Path, parents: str) -> None:
    path = tmp_path / "s.off"
    path.write_text(f'{{"reason": "paused", "parents": {parents}}}')
    assert marker.parents(str(path)) == set()
