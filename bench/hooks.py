"""The wall time of each hook, as a multiple of starting the same interpreter on nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.daemons import LEAVING, WAITING
from bench.figures import Figure
from bench.rig import EVENTS, Rig, new_session

if TYPE_CHECKING:
    from collections.abc import Callable

THROUGH_LAUNCHER = "sh -c, launcher"
PYTHON_ALONE = "Python part"
WAYS = (THROUGH_LAUNCHER, PYTHON_ALONE)
TARGETS = {"session-start": 1.8, "user-prompt-submit": 1.5, "session-end": 1.5}


Pairs = dict[tuple[str, str], list[tuple[float, float]]]


def measure(
    rig: Rig, count: int, progress: Callable[[int], None], ways: tuple[str, ...] = WAYS
) -> list[Figure]:
    """Run `count` rounds: one session by each way in turn, a bare interpreter before each hook.

    The first round warms caches and is not counted. What the daemon does at its start and
    at its end lies outside the timed parts. Raises `Unmeasurable` when that is impossible.
    """
    commands = {way: _commands(rig, way) for way in ways}
    pairs: Pairs = {}
    sessions = []
    for number in range(count + 1):
        if number == 1:
            pairs = {}
        progress(number)
        for way in ways:
            session = new_session()
            sessions.append(session)
            for hook, command in commands[way].items():
                pair = _pair(rig, command, hook, session)
                pairs.setdefault((hook, way), []).append(pair)
                rig.wait_until_settled(session, LEAVING if hook == "session-end" else WAITING)
    for session in sessions:
        rig.wait_until_gone(session)
    return [
        Figure(f"hook {hook}", way, tuple(found), TARGETS[hook])
        for (hook, way), found in pairs.items()
    ]


def _commands(rig: Rig, way: str) -> dict[str, list[str]]:
    build = rig.hook_command if way == THROUGH_LAUNCHER else rig.python_command
    return {hook: build(hook) for hook in EVENTS}


def _pair(rig: Rig, command: list[str], hook: str, session: str) -> tuple[float, float]:
    """The wall times of the hook and of a bare interpreter, in seconds."""
    bare, _ = rig.time_command([rig.python, "-c", "pass"])
    return rig.time_hook(command, hook, session), bare
