"""What daemons cost while nothing happens, and how soon they are back."""

from __future__ import annotations

import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.acknowledging import Watched, finish
from bench.figures import Figure
from bench.latency import APPENDED
from bench.missing import Unmeasurable
from bench.processes import effort, proportional_megabytes
from bench.rig import rig
from bench.serving import serving
from bench.transcripts import realistic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.rig import Rig
    from bench.subjects import Subject

DAEMONS = 10
MEGABYTES = 5
SECONDS = 30
REST_AFTER = {"CONFAB_REST_AFTER_MS": "3000"}
"""Where it rests after a minute of quiet by itself; nothing else is different by that."""
SETTLING = 6.0
"""Seconds from the last acknowledged line to the first look."""

SLEEPING = "import time; time.sleep(3600)"
BARE_SLEEPER = "a sleeping python -I -S"


def measure(subject: Subject) -> list[Figure]:
    """Ten daemons that have sent 5 MB each to the bench's own server. Raises `Unmeasurable`."""
    with (
        serving() as server,
        rig(subject, server, environ=REST_AFTER) as prepared,
        _sleepers(subject) as bare,
    ):
        sessions = [_session(prepared, number) for number in range(DAEMONS)]
        time.sleep(SETTLING)
        if subject.is_own:
            for session in sessions:
                prepared.wait_until_settled(session, frozenset({"resting"}))
            time.sleep(1)
        pids = [prepared.daemon(session) for session in sessions]
        requests = server.counts().requests
        before = {pid: effort(pid) for pid in (*pids, *bare)}
        time.sleep(SECONDS)
        spent = {pid: effort(pid) - before[pid] for pid in before}
        requests = server.counts().requests - requests
        pairs = list(zip(pids, bare, strict=True))
        sizes = [(proportional_megabytes(a), proportional_megabytes(b)) for a, b in pairs]
        cpu = [spent[pid].cpu_seconds for pid in pids]
        wakes = [spent[pid].wake_ups / SECONDS for pid in pids]
        awake = _first_lines(prepared, sessions)
    name, what = subject.name, f"{DAEMONS} daemons, resting"
    zero = (0.0,) * DAEMONS
    return [
        Figure(
            f"{what} after {MEGABYTES} MB: memory of each (PSS)",
            name,
            tuple(sizes),
            6.0,
            unit="MB",
            yardstick=BARE_SLEEPER,
            of="value",
        ),
        Figure(
            f"{what}: CPU of each in {SECONDS} s",
            name,
            tuple(zip(cpu, zero, strict=True)),
            0.0005,
            yardstick=BARE_SLEEPER,
            of="value",
        ),
        Figure(
            f"{what}: wake-ups a second",
            name,
            tuple(zip(wakes, zero, strict=True)),
            0.3,
            unit="/s",
            yardstick=BARE_SLEEPER,
            of="value",
        ),
        Figure(
            f"{what}: requests in {SECONDS} s",
            name,
            ((float(requests), 0.0),),
            0.0,
            unit="",
            yardstick=BARE_SLEEPER,
            of="value",
        ),
        Figure(
            "first line after a rest, to acknowledged, server",
            name,
            tuple(awake),
            1.0,
            yardstick=APPENDED,
            of="value",
        ),
    ]


def first_line_to_store(subject: Subject) -> list[Figure]:
    """The first line after a rest, with the embedded store. Raises `Unmeasurable`."""
    with rig(subject, environ=REST_AFTER) as prepared:
        sessions = [_session(prepared, number, size=1) for number in range(DAEMONS)]
        for session in sessions:
            prepared.wait_until_settled(session, frozenset({"resting"}))
        pairs = tuple(_first_lines(prepared, sessions))
    return [
        Figure(
            "first line after a rest, to acknowledged, store",
            subject.name,
            pairs,
            1.0,
            yardstick=APPENDED,
            of="value",
        )
    ]


def _session(prepared: Rig, number: int, size: int = MEGABYTES * 1_000_000) -> str:
    session = prepared.start()
    data = realistic(size, seed=number)
    prepared.append(session, data)
    prepared.wait_until_taken(session, data.count(b"\n"))
    return session


def _first_lines(prepared: Rig, sessions: list[str]) -> list[tuple[float, float]]:
    """One line for each of them, in turn, so that no two daemons wake at once."""
    found = []
    for session in sessions:
        lines = prepared.transcript(session).read_bytes().count(b"\n")
        watched = Watched(prepared, session, lines)
        watched.write(prepared.home)
        finish([watched], 60)
        if not watched.is_done:
            raise Unmeasurable("a daemon that rested did not wake within 60 s")
        found += watched.pairs()
    return found


@contextmanager
def _sleepers(subject: Subject) -> Iterator[list[int]]:
    """As many interpreters that do nothing but sleep; their pids."""
    command = [subject.python, "-I", "-S", "-c", SLEEPING]
    started = [subprocess.Popen(command, stdin=subprocess.DEVNULL) for _ in range(DAEMONS)]
    try:
        yield [process.pid for process in started]
    finally:
        for process in started:
            process.kill()
            process.wait()
