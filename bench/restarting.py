"""What a daemon reads of a huge transcript that has grown by one line since the last daemon."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING

from bench.acknowledging import line
from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.processes import bytes_read
from bench.rig import new_session, rig
from bench.serving import serving
from bench.transcripts import realistic

if TYPE_CHECKING:
    from bench.rig import Rig
    from bench.subjects import Subject

MEGABYTES = 1000
PATIENCE = 240.0
BLOCK = 100
"""Megabytes of which the transcript is made, again and again."""

ONE_LINE = "a transcript of one line"


def measure(subject: Subject) -> list[Figure]:
    """One new line in a transcript of 1 GB, after its daemon has left. Raises `Unmeasurable`.

    Counted by the kernel, less what the same costs in a transcript of one line: starting.
    """
    if shutil.disk_usage(tempfile.gettempdir()).free < 2.5 * MEGABYTES * 1e6:
        raise Unmeasurable(f"there is no space for {MEGABYTES} MB")
    with serving() as server, rig(subject, server, masked=False) as prepared:
        small, _ = read_for_one_line(prepared, line(0), 1)
        total, own = read_for_one_line(prepared, realistic(BLOCK * 1_000_000), MEGABYTES // BLOCK)
    figures = [_figure(subject, "", max(0, total - small), MEGABYTES)]
    if own is not None:
        figures.append(_figure(subject, ", by its own count", own, MEGABYTES))
    return figures


def read_for_one_line(prepared: Rig, block: bytes, times: int) -> tuple[int, int | None]:
    """The bytes that a new daemon reads for one more line, and how many it says it has read.

    The transcript holds `block` so many `times`. Raises `Unmeasurable`.
    """
    session = new_session()
    path = prepared.transcript(session)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for _ in range(times):
            file.write(block)
    lines = times * block.count(b"\n")
    prepared.hook(session, "session-start")
    prepared.wait_until_taken(session, lines, PATIENCE)
    prepared.end(session)
    prepared.append(session, line(1))
    prepared.hook(session, "session-start")
    prepared.wait_until_taken(session, lines + 1)
    own = None
    if prepared.subject.is_own:
        own = prepared.wait_until_counted(session, "bytes_read", 0)
    read = bytes_read(prepared.daemon(session))
    prepared.end(session)
    path.unlink()
    return read, own


def _figure(subject: Subject, how: str, read: int, megabytes: int) -> Figure:
    return Figure(
        f"one line more in {megabytes / 1000:g} GB after a restart: bytes read{how}",
        subject.name,
        ((read / 1e6, float(megabytes)),),
        1.0,
        unit="MB",
        yardstick="the transcript",
        of="value",
    )
