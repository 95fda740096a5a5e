"""A side file is sent whole, or not at all if it changed while it was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.layout import SIDE, Sighting
from confab_sync.engine import side_file
from confab_sync.engine.destination import Destination
from confab_sync.engine.known import KnownFile
from confab_sync.engine.position import Position
from confab_sync.engine.report import Meter
from confab_sync.metadata import ChunkMetadata
from confab_sync.store.values import SessionInfo
from tests.engine.factories import SESSION, Bench

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAME = "tool-results/x.txt"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    bench.ledger.see(str(bench.transcript), "")
    yield bench
    bench.close()


def nothing(kind: str, lines: bytes) -> ChunkMetadata:
    return ChunkMetadata()


def destination(bench: Bench) -> Destination:
    opened = bench.backend.open_session(SessionInfo("claude-code", SESSION, "/t"))
    return Destination(bench.backend, opened.session_id, bench.ledger, Meter(), nothing)


def sight(bench: Bench) -> Sighting:
    path = bench.path(NAME)
    return Sighting(NAME, SIDE, str(path), path.stat())


@pytest.mark.parametrize("data", [b"", b"\0\xff\n", b"x" * 3_000_000])
def test_file_is_sent_whole_and_then_known(bench: Bench, data: bytes) -> None:
    bench.write(data, NAME)
    to = destination(bench)
    known = side_file.archive(sight(bench), KnownFile(NAME, SIDE), to)
    assert known is not None
    assert known.position == Position(0, len(data))
    assert bench.stored_side(NAME) == data
    assert bench.ledger.files() == {NAME: known}
    assert (to.meter.work.bytes_sent, to.meter.work.side_files_sent) == (len(data), 1)


def test_file_that_is_known_is_not_opened(bench: Bench) -> None:
    bench.write(b"data", NAME)
    known = side_file.archive(sight(bench), KnownFile(NAME, SIDE), destination(bench))
    assert known is not None
    to = destination(bench)
    assert side_file.archive(sight(bench), known, to) == known
    assert to.meter.work.files_opened == 0


def grow(bench: Bench) -> None:
    bench.append(b"more", NAME)


def shrink(bench: Bench) -> None:
    bench.write(b"d", NAME)


def rewrite(bench: Bench) -> None:
    bench.write(b"DATA", NAME)


def replace(bench: Bench) -> None:
    other = bench.directory / "other"
    other.write_bytes(b"DATA")
    other.rename(bench.path(NAME))


@pytest.mark.parametrize("change", [grow, shrink, rewrite, replace])
def test_file_that_changed_since_it_was_listed_waits(
    bench: Bench, change: Callable[[Bench], None]
) -> None:
    bench.write(b"data", NAME)
    sighting = sight(bench)
    change(bench)
    to = destination(bench)
    assert side_file.archive(sighting, KnownFile(NAME, SIDE), to) is None
    assert (to.meter.work.files_opened, to.meter.work.commits) == (1, 0)
