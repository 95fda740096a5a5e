"""The wall time of commands that a person types, as a multiple of starting an interpreter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.figures import Figure
from bench.rig import Rig

if TYPE_CHECKING:
    from collections.abc import Callable

DAEMONS = 50
LINES = 50
"""Lines in the transcript of each of them."""

COMMANDS = (
    ("--version", ("--version",), 6.0),
    (f"sync status, {DAEMONS} daemons", ("sync", "status"), 15.0),
)
"""What is measured, its arguments, and its target."""


def measure(rig: Rig, count: int, progress: Callable[[int], None]) -> list[Figure]:
    """Run the commands `count` times beside all the daemons, a bare interpreter before each.

    The first round warms caches and is not counted. Raises `Unmeasurable`.
    """
    sessions = [_session(rig) for _ in range(DAEMONS)]
    pairs: dict[str, list[tuple[float, float]]] = {work: [] for work, _, _ in COMMANDS}
    for number in range(count + 1):
        progress(number)
        for work, arguments, _ in COMMANDS:
            bare, _ = rig.time_command([rig.python, "-c", "pass"])
            seconds, _ = rig.time_command([str(rig.subject.executable), *arguments])
            if number:
                pairs[work].append((seconds, bare))
    for session in sessions:
        rig.hook(session, "session-end")
    for session in sessions:
        rig.wait_until_gone(session)
    return [
        Figure(work, rig.subject.name, tuple(pairs[work]), target) for work, _, target in COMMANDS
    ]


def _session(rig: Rig) -> str:
    """A session with a daemon that has archived all there is."""
    session = rig.start()
    lines = [json.dumps({"type": "user", "number": number}) + "\n" for number in range(LINES)]
    rig.append(session, "".join(lines).encode())
    rig.wait_until_taken(session, LINES)
    return session
