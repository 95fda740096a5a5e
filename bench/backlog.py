"""A transcript that is there before the daemon: time, memory, and bytes on the wire."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard

from bench.acknowledging import Watched, finish
from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.processes import peak_megabytes
from bench.rig import new_session, rig
from bench.serving import serving
from bench.transcripts import realistic
from confab_sync.backends.http.lines import encode
from confab_sync.store.values import Chunk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.rig import Rig
    from bench.subjects import Subject

MEGABYTES = 100
ROUNDS = 3
PATIENCE = 120.0
GO_BODY = 14 * 1024 * 1024
"""The bytes of lines that the Go CLI puts into one request (contract §4.5)."""

COPIED = "a copy of the file, with fsync"
UNMASKED = "the same without masking"
GO_BODIES = "bodies of 14 MiB, zstd 3"
PEAK = 60.0


@dataclass(frozen=True, slots=True)
class Drained:
    """One backlog that was sent, from the hook to the last acknowledged line."""

    seconds: float
    copying: float
    peak: float
    wire_bytes: int = 0
    requests: int = 0


def measure(subject: Subject, megabytes: int = MEGABYTES) -> list[Figure]:
    """The backlog with masking and without, to the bench's own server and to the store.

    The rounds take turns. Raises `Unmeasurable`.
    """
    data = realistic(megabytes * 1_000_000)
    places = ("server", "store") if subject.is_own else ("server",)
    found: dict[tuple[str, bool], list[Drained]] = {}
    for _ in range(ROUNDS):
        for place in places:
            for masked in (False, True):
                drained = drain(subject, data, place, masked=masked)
                found.setdefault((place, masked), []).append(drained)
    figures: list[Figure] = []
    for place in places:
        without, masked_runs = found[place, False], found[place, True]
        figures += _pair(subject.name, megabytes, place, without, masked_runs)
    return [*figures, *_on_the_wire(subject.name, data, found["server", False])]


def drain(subject: Subject, data: bytes, place: str, *, masked: bool) -> Drained:
    """Let a daemon find `data` as its transcript and send all of it. Raises `Unmeasurable`."""
    if place == "store":
        with rig(subject, masked=masked) as prepared:
            return _drain(prepared, data)
    with serving() as server, rig(subject, server, masked=masked) as prepared:
        drained = _drain(prepared, data)
        counts = server.counts()
        return Drained(
            drained.seconds, drained.copying, drained.peak, counts.bytes, counts.requests
        )


def _drain(prepared: Rig, data: bytes) -> Drained:
    session = new_session()
    path = prepared.transcript(session)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    copying = copied(path, prepared.home / "copy")
    watched = Watched(prepared, session, data.count(b"\n"))
    began = time.time()
    prepared.hook(session, "session-start")
    finish([watched], PATIENCE)
    if not watched.is_done:
        raise Unmeasurable(f"a transcript did not arrive within {PATIENCE:g} s")
    return Drained(watched.said[-1][1] - began, copying, peak_megabytes(prepared.daemon(session)))


def copied(source: Path, target: Path) -> float:
    """Copy a file and have the disk confirm it; the seconds that it took."""
    began = time.perf_counter()
    with source.open("rb") as reading, target.open("wb") as writing:
        shutil.copyfileobj(reading, writing, 2 * 1024 * 1024)
        writing.flush()
        os.fsync(writing.fileno())
    seconds = time.perf_counter() - began
    target.unlink()
    return seconds


def _pair(
    name: str, megabytes: int, place: str, without: list[Drained], masked: list[Drained]
) -> Iterator[Figure]:
    what = f"{megabytes} MB transcript, {place}"
    yield Figure(
        f"{what}, without masking",
        name,
        tuple((each.seconds, each.copying) for each in without),
        megabytes / 100,
        yardstick=COPIED,
        of="value",
    )
    yield Figure(
        f"{what}, with masking",
        name,
        tuple((a.seconds, b.seconds) for a, b in zip(masked, without, strict=True)),
        1.5 * megabytes / 100,
        yardstick=UNMASKED,
        of="value",
    )
    yield Figure(
        f"{what}, without masking: peak memory",
        name,
        tuple((each.peak, megabytes) for each in without),
        PEAK,
        unit="MB",
        yardstick="the transcript",
        of="value",
    )
    yield Figure(
        f"{what}, with masking: peak memory",
        name,
        tuple((a.peak, b.peak) for a, b in zip(masked, without, strict=True)),
        PEAK,
        unit="MB",
        yardstick=UNMASKED,
        of="value",
    )


def _on_the_wire(name: str, data: bytes, runs: list[Drained]) -> Iterator[Figure]:
    size, usual = len(data) / 1e6, as_the_go_cli_would(data) / 1e6
    yield Figure(
        f"bytes on the wire for {size:.0f} MB",
        name,
        tuple((each.wire_bytes / 1e6, usual) for each in runs),
        1.0,
        unit="MB",
        yardstick=GO_BODIES,
    )
    yield Figure(
        f"requests for {size:.0f} MB",
        name,
        tuple((float(each.requests), size / 2) for each in runs),
        2.0,
        unit="",
        yardstick="one for each 2 MB",
    )


def as_the_go_cli_would(data: bytes) -> int:
    """The bytes of the bodies into which the Go CLI would put these lines (contract §4.5)."""
    total, at = 0, 0
    while at < len(data):
        end = data.rfind(b"\n", at, at + GO_BODY) + 1
        piece = data[at:end]
        chunk = Chunk("t.jsonl", "transcript", 1, piece.count(b"\n"), piece, end)
        body = b'{"lines":[' + b",".join(encode(chunk).encoded) + b"]}"
        total += len(zstandard.ZstdCompressor(level=3).compress(body))
        at = end
    return total
