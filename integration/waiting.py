"""Waiting for what a real process does, by looking again until a generous deadline."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class NeverHappened(AssertionError):
    """What a test waited for did not come true before the deadline."""


def patience() -> float:
    """Seconds that are waited for anything, unless a test says how many."""
    return float(os.environ.get("CONFAB_TEST_PATIENCE") or 60)


def until(
    look: Callable[[], T | None], what: str, *, seconds: float | None = None, pause: float = 0.05
) -> T:
    """Call `look` every `pause` seconds until it returns something true, and return that.

    Raises `NeverHappened`, naming `what`, when nothing true came within `seconds`.
    """
    seconds = patience() if seconds is None else seconds
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise NeverHappened(f"not within {seconds:g} s: {what} (last seen: {seen!r})")
        time.sleep(pause)
