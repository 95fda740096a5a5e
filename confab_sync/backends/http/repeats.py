"""Telling a file the server stumbles over from a server that stumbles.

Some inputs make the real server answer 500 for ever (contract §3.8). The same failure again
and again, while the rest goes well, is a refusal.
"""

from __future__ import annotations

PATIENCE = 3
"""Failures of one file before it may be its own fault."""


class Repeats:
    """Counts, for each file, failures that look like the server's."""

    def __init__(self) -> None:
        self._successes = 0
        self._failures: dict[str, tuple[int, int]] = {}

    def failed(self, name: str) -> bool:
        """The server failed on lines of this file; True once that counts as a refusal."""
        count, successes = self._failures.get(name, (0, self._successes))
        self._failures[name] = (count + 1, successes)
        return count + 1 >= PATIENCE and self._successes > successes

    def succeeded(self) -> None:
        """Lines of some file were taken."""
        self._successes += 1

    def finished(self, name: str) -> None:
        """A chunk of this file is through."""
        self._failures.pop(name, None)
