"""When a file counts as archived in whole, and which notes outlive a daemon."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.layout import Sighting
from confab_sync.engine.known import REWRITTEN, KnownFile
from confab_sync.engine.position import Position

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("offset", "size", "mtime_ns", "is_all"),
    [(4, 4, 7, True), (3, 4, 7, False), (4, 5, 7, False), (5, 5, 7, False), (4, 4, 8, False)],
)
def test_file_is_archived_in_whole_if_nothing_has_changed_since(
    tmp_path: Path, offset: int, size: int, mtime_ns: int, is_all: bool
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"four")
    os.utime(path, ns=(7, 7))
    sighting = Sighting("file", "transcript", str(path), path.stat())
    known = KnownFile("file", "transcript", Position(1, offset), size=size, mtime_ns=mtime_ns)
    assert known.is_all_of(sighting) == is_all


@pytest.mark.parametrize(
    ("note", "lasting"),
    [
        ("", ""),
        (REWRITTEN, REWRITTEN),
        ("ends in an unfinished line", ""),
        (f"ends in an unfinished line; {REWRITTEN}", REWRITTEN),
    ],
)
def test_only_a_rewrite_is_noted_for_good(note: str, lasting: str) -> None:
    assert KnownFile("file", "transcript", note=note).lasting_note == lasting
