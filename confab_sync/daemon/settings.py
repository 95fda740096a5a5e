"""The daemon's times, with the environment variables that change them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 3_600_000
"""Milliseconds: the most that an interval or a jitter may be (contract §4.3)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Seconds, all of them."""

    interval: float = 30.0
    """Between two looks at a session in which nothing seems to happen."""
    jitter: float = 5.0
    """How much an interval may be longer or shorter, anew each time."""
    quiet: float = 3.0
    """How long files must rest after the end of a session before the daemon leaves."""
    shutdown_budget: float = 30.0
    """How long a daemon tries to send the rest once it is to stop."""
    rest_after: float = 60.0
    """How long nothing must have happened before the daemon makes itself small."""
    wait_before_rest: float = 10.0
    """The same while there is no transcript yet."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Settings:
        """Contract §4.3; a value out of range or not a number is passed over."""
        return cls(
            interval=_seconds(environ, "CONFAB_SYNC_INTERVAL_MS", cls().interval, least=1),
            jitter=_seconds(environ, "CONFAB_SYNC_JITTER_MS", cls().jitter, least=0),
            rest_after=_seconds(environ, "CONFAB_REST_AFTER_MS", cls().rest_after, least=0),
        )


def _seconds(environ: Mapping[str, str], name: str, default: float, *, least: int) -> float:
    text = environ.get(name, "")
    if not (text.isascii() and text.isdigit()) or not least <= int(text) <= LONGEST:
        return default
    return int(text) / 1000
