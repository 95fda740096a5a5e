"""How cost grows: with the size of a transcript, with a session's files, with daemons at once."""

from __future__ import annotations

import shutil
import tempfile
import time
from typing import TYPE_CHECKING

from bench.acknowledging import Watched, finish, line
from bench.backlog import copied
from bench.crowd import crowded
from bench.drawing import Curve
from bench.figures import percentile
from bench.missing import Unmeasurable
from bench.processes import peak_megabytes
from bench.rig import new_session, rig
from bench.serving import serving
from bench.transcripts import realistic

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.rig import Rig
    from bench.subjects import Subject

SIZES = (10, 30, 100, 300, 1000)
"""Megabytes."""
FILES = (1, 10, 100, 1000, 10_000)
DAEMONS = (1, 3, 10, 30, 100)
SECONDS = 10
PATIENCE = 300.0
BLOCK = 10
"""Megabytes of which all transcripts are made, again and again."""


def curves() -> tuple[tuple[str, Callable[[Subject], Curve]], ...]:
    """The curves by the names of their files; each measures when it is called."""
    return (("growth-size", by_size), ("growth-files", by_files), ("growth-daemons", by_daemons))


def by_size(subject: Subject) -> Curve:
    """A backlog of 10 MB to 1 GB to the bench's own server, masked, and then one line more.

    Raises `Unmeasurable`.
    """
    if shutil.disk_usage(tempfile.gettempdir()).free < 3e9:
        raise Unmeasurable("there is no space for 1 GB")
    block = realistic(BLOCK * 1_000_000)
    lines: dict[str, list[tuple[float, float]]] = {}
    with serving() as server, rig(subject, server) as prepared:
        for size in SIZES:
            for name, value in _sizes(prepared, block, size).items():
                lines.setdefault(name, []).append((size, value))
    return Curve("A transcript that is there before its daemon", "MB", lines)


def _sizes(prepared: Rig, block: bytes, megabytes: int) -> dict[str, float]:
    session = new_session()
    path = _written(prepared.transcript(session), block, megabytes // BLOCK)
    copying = copied(path, prepared.home / "copy")
    watched = Watched(prepared, session, megabytes // BLOCK * block.count(b"\n"))
    began = time.time()
    prepared.hook(session, "session-start")
    finish([watched], PATIENCE)
    if not watched.is_done:
        raise Unmeasurable(f"{megabytes} MB did not arrive within {PATIENCE:g} s")
    prepared.wait_until_told(session, watched.lines)
    before = prepared.state(session)["work"]["bytes_read"]
    peak = peak_megabytes(prepared.daemon(session))
    prepared.append(session, line(0))
    prepared.wait_until_taken(session, watched.lines + 1, PATIENCE)
    read = prepared.wait_until_counted(session, "bytes_read", before)
    prepared.end(session)
    path.unlink()
    return {
        "seconds to archive it": watched.said[-1][1] - began,
        "seconds to copy it, with fsync": copying,
        "peak memory, MB": peak,
        "MB read for one line more": read / 1e6,
    }


def _written(path: Path, block: bytes, times: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for _ in range(times):
            file.write(block)
    return path


def by_files(subject: Subject) -> Curve:
    """One line more in a session with 1 to 10,000 files of subagents, in the embedded store.

    Raises `Unmeasurable`.
    """
    lines: dict[str, list[tuple[float, float]]] = {}
    for files in FILES:
        with rig(subject) as prepared:
            for name, value in _files(prepared, files).items():
                lines.setdefault(name, []).append((files, value))
    return Curve("One line more in a session with many files", "files", lines)


def _files(prepared: Rig, files: int) -> dict[str, float]:
    session = new_session()
    path = prepared.transcript(session)
    subagents = path.with_suffix("") / "subagents"
    subagents.mkdir(parents=True)
    path.write_bytes(line(0))
    for number in range(files):
        (subagents / f"agent-{number:06}.jsonl").write_bytes(line(number))
    began = time.time()
    prepared.hook(session, "session-start")
    prepared.wait_until_taken(session, files + 1, PATIENCE)
    all_of_them = time.time() - began
    before = prepared.state(session)["work"]
    watched = Watched(prepared, session, files + 1)
    watched.write(prepared.home)
    finish([watched], PATIENCE)
    if not watched.is_done:
        raise Unmeasurable(f"a line did not arrive within {PATIENCE:g} s")
    after = prepared.state(session)["work"]
    prepared.end(session)
    return {
        "seconds to archive all of them": all_of_them,
        "seconds to acknowledge one line more": watched.pairs()[0][0],
        "files opened for it": after["files_opened"] - before["files_opened"],
    }


def by_daemons(subject: Subject) -> Curve:
    """1 to 100 daemons on one store, each with a line a second. Raises `Unmeasurable`."""
    lines: dict[str, list[tuple[float, float]]] = {}
    for daemons in DAEMONS:
        with rig(subject) as prepared:
            watched = crowded(prepared, daemons, SECONDS)
        seconds = [seconds for each in watched for seconds, _ in each.pairs()]
        for number in (50, 95):
            name = f"seconds to acknowledge a line, p{number}"
            lines.setdefault(name, []).append((daemons, percentile(seconds, number)))
    return Curve("Daemons on one store, a line a second each", "daemons", lines)
