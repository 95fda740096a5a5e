"""The wall time of each hook, as a multiple of starting the same interpreter on nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.figures import Figure, Samples
from bench.rig import EVENTS, Rig, new_session

if TYPE_CHECKING:
    from collections.abc import Callable

THROUGH_LAUNCHER = "sh -c, launcher"
PYTHON_ALONE = "Python part"
WAYS = (THROUGH_LAUNCHER, PYTHON_ALONE)
TARGETS = {"session-start": 2.0, "user-prompt-submit": 1.7, "session-end": 1.7}


@dataclass(frozen=True, slots=True)
class Measured:
    """The yardstick and the hooks, measured in turn in the same run."""

    bare: Samples
    figures: tuple[Figure, ...]


@dataclass(slots=True)
class _Collected:
    bare: list[float] = field(default_factory=list)
    hooks: dict[tuple[str, str], list[float]] = field(default_factory=dict)


def measure(rig: Rig, count: int, progress: Callable[[int], None]) -> Measured:
    """Run `count` rounds: a bare interpreter, then one session by each way, interleaved.

    The first round warms caches and is not counted. The daemon's start and end lie outside
    the timed parts. Raises `Unmeasurable` when confab cannot be measured at all.
    """
    collected = _Collected()
    commands = {way: _commands(rig, way) for way in WAYS}
    for number in range(count + 1):
        if number == 1:
            collected = _Collected()
        progress(number)
        for way in WAYS if number % 2 else reversed(WAYS):
            collected.bare.append(rig.time_command([rig.python, "-c", "pass"])[0])
            _one_session(rig, way, commands[way], collected)
    bare = Samples(tuple(collected.bare))
    figures = (
        Figure(f"hook {hook}", way, Samples(tuple(seconds)), bare, TARGETS[hook])
        for (way, hook), seconds in sorted(collected.hooks.items())
    )
    order = list(EVENTS)
    return Measured(bare, tuple(sorted(figures, key=lambda f: order.index(f.work[5:]))))


def _commands(rig: Rig, way: str) -> dict[str, list[str]]:
    build = rig.hook_command if way == THROUGH_LAUNCHER else rig.python_command
    return {hook: build(hook) for hook in EVENTS}


def _one_session(rig: Rig, way: str, commands: dict[str, list[str]], collected: _Collected) -> None:
    session = new_session()
    for hook in EVENTS:
        seconds = rig.time_hook(commands[hook], hook, session)
        collected.hooks.setdefault((way, hook), []).append(seconds)
        if hook == "session-start":
            rig.wait_until_ready(session)
    rig.wait_until_gone(session)
