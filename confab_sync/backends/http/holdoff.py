"""The time before which nobody on this machine should ask a backend again.

All daemons of a user share it in one small file per backend: a server that is down or
says "later" is not asked by fifty processes in turn.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING

from confab_sync.errors import BackendUnavailable
from confab_sync.files import replace_private_file
from confab_sync.paths import make_private_directory

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

FIRST = 1.0
"""Seconds after the first failure; each further one doubles it."""

LONGEST = 60.0
"""Seconds, unless the server itself asks for more."""

LONGEST_ASKED = 3600.0
"""Seconds that a server may ask for (contract §4.4)."""

FORGOTTEN_AFTER = 600.0
"""Seconds after the end of a wait from which on it says nothing of the backend any more."""


class HoldOff:
    """The shared time of one backend, in a file at `path`.

    `clock` is the wall clock in seconds, since several processes compare with it. A file
    that cannot be read or written means that there is nothing to wait for.
    """

    def __init__(self, path: str, clock: Callable[[], float], rng: random.Random) -> None:
        self._path = path
        self._clock = clock
        self._rng = rng

    @classmethod
    def of(
        cls, directory: str, backend_url: str, clock: Callable[[], float], rng: random.Random
    ) -> HoldOff:
        """The one of this backend, in `directory`."""
        name = hashlib.sha256(backend_url.encode("utf-8", "replace")).hexdigest()[:16]
        return cls(f"{directory}/{name}.json", clock, rng)

    def check(self) -> None:
        """Raise `BackendUnavailable` while it is too early, with the seconds that remain."""
        until, _, why = self._read()
        remaining = until - self._clock()
        if remaining > 0:
            raise BackendUnavailable(why, retry_after=remaining * self._rng.uniform(1.0, 1.25))

    def failed(self, why: str, asked: float | None) -> float:
        """The backend was not available; the seconds until it may be asked again.

        `asked` is what the server itself asked for, in seconds.
        """
        until, wait, _ = self._read()
        if asked is None:
            # Fifty requests that were under way together fail together: that is one failure.
            if (remaining := until - self._clock()) > 0:
                return remaining
            wait = min(max(FIRST, wait * 2), LONGEST)
            seconds = wait * self._rng.uniform(0.75, 1.25)
        else:
            seconds = min(max(asked, FIRST), LONGEST_ASKED)
        self._write({"until": self._clock() + seconds, "wait": wait, "why": why})
        return seconds

    def succeeded(self) -> None:
        """The backend answered: nobody needs to wait."""
        try:
            os.unlink(self._path)
        except OSError:
            pass

    def _read(self) -> tuple[float, float, str]:
        try:
            with open(self._path, "rb") as stream:
                held = json.loads(stream.read(4096))
            until, wait = float(held["until"]), float(held["wait"])
            why = str(held["why"])
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return 0.0, 0.0, ""
        # A time further away than anybody may ask for was written by a clock that was wrong.
        if not until <= self._clock() + LONGEST_ASKED or not 0 <= wait <= LONGEST:
            return 0.0, 0.0, ""
        if until + FORGOTTEN_AFTER <= self._clock():
            return 0.0, 0.0, ""
        return until, wait, why

    def _write(self, held: dict[str, object]) -> None:
        try:
            make_private_directory(os.path.dirname(self._path))
            replace_private_file(self._path, json.dumps(held).encode())
        except OSError:
            pass


def prune(directory: str, now: float) -> None:
    """Remove what says nothing any more: of backends that are not asked, or not named now."""
    try:
        entries = list(os.scandir(directory))
    except OSError:
        return
    for entry in entries:
        try:
            written = entry.stat(follow_symlinks=False).st_mtime
            if entry.name.endswith(".json") and written + LONGEST_ASKED + FORGOTTEN_AFTER < now:
                os.unlink(entry.path)
        except OSError:
            continue
