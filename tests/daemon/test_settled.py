"""A file needs another look exactly as long as something of it may still come or be taken."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.layout import AGENT, SIDE, TRANSCRIPT, Sighting
from confab_sync.daemon.settled import QUIET_SECONDS, is_settled
from confab_sync.engine.known import DIVERGED, NOT_TAKEN, REFUSED, UNFINISHED_LINE, KnownFile
from confab_sync.engine.position import Position

if TYPE_CHECKING:
    from pathlib import Path

WRITTEN = 1_800_000_000


def seen(directory: Path, size: int, kind: str = TRANSCRIPT) -> Sighting:
    path = directory / "file"
    path.write_bytes(b"x" * size)
    os.utime(path, (WRITTEN, WRITTEN))
    return Sighting("file", kind, str(path), os.stat(path))


def known(size: int, *, offset: int, note: str = "") -> KnownFile:
    return KnownFile(
        "file",
        TRANSCRIPT,
        position=Position(offset=offset, lines=1),
        size=size,
        mtime_ns=WRITTEN * 10**9,
        note=note,
    )


@pytest.mark.parametrize(
    ("size", "kind", "settled"),
    [(0, TRANSCRIPT, True), (0, AGENT, True), (0, SIDE, False), (1, TRANSCRIPT, False)],
)
def test_file_that_is_not_known_needs_a_look_unless_there_is_nothing_in_it(
    tmp_path: Path, size: int, kind: str, settled: bool
) -> None:
    assert is_settled(seen(tmp_path, size, kind), None, WRITTEN) == settled


@pytest.mark.parametrize(
    ("file", "settled"),
    [
        (known(9, offset=9), True),
        (known(9, offset=5), False),
        (known(5, offset=5), False),
        (known(9, offset=5, note=NOT_TAKEN), True),
        (known(9, offset=5, note=f"{REFUSED}too long"), True),
        (known(5, offset=5, note=f"{REFUSED}too long"), False),
        (known(5, offset=5, note=DIVERGED), True),
    ],
)
def test_file_is_settled_once_all_of_it_is_acknowledged_or_never_will_be(
    tmp_path: Path, file: KnownFile, settled: bool
) -> None:
    assert is_settled(seen(tmp_path, 9), file, WRITTEN) == settled


@pytest.mark.parametrize(("later", "settled"), [(QUIET_SECONDS, False), (QUIET_SECONDS + 1, True)])
def test_unfinished_line_stays_one_if_it_was_seen_after_the_file_had_come_to_rest(
    tmp_path: Path, later: float, settled: bool
) -> None:
    file = known(9, offset=5, note=UNFINISHED_LINE)
    assert is_settled(seen(tmp_path, 9), file, WRITTEN + later) == settled
