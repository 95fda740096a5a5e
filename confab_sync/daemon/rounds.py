"""Going through the unfinished sessions one at a time, the most urgent first."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confab_sync.claude.directories import bound_directory
from confab_sync.daemon.finishing import Fate, finish
from confab_sync.errors import (
    BackendError,
    BackendForbidden,
    BackendUnauthorized,
    BackendUnavailable,
    ConfigError,
    FileUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from confab_sync.daemon.candidate import Candidate
    from confab_sync.daemon.finishing import Finished, Manner
    from confab_sync.daemon.machine import Machine
    from confab_sync.errors import ConfabError

FAILURES_BELIEVED = 3
"""Sessions in a row that a backend did not take, after which it would take none."""

PAUSE = 0.25
"""Of the time that a session took, what is waited before the next: others work here as well."""

LONGEST_PAUSE = 1.0
"""Seconds."""


@dataclass(slots=True)
class Round:
    """One pass over `candidates`; a backend that takes nothing is not asked for each of them.

    Sessions may belong to different backends: the trouble of one is not that of the others.
    """

    machine: Machine
    candidates: Sequence[Candidate]
    manner: Manner
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep
    closed: dict[str | None, ConfabError] = field(default_factory=dict)
    """The backends that took nothing, by the configuration directories they are for."""
    in_a_row: int = 0

    def run(self, begin: Callable[[int, Candidate], None]) -> Iterator[Finished]:
        """What came of each session; `begin` is told before, with its number from 0 on."""
        for number, candidate in enumerate(self.candidates):
            to = bound_directory(candidate.transcript_path, self.machine.environ)
            if to in self.closed:
                continue
            begin(number, candidate)
            began = self.clock()
            finished = finish(self.machine, candidate, self.manner)
            self._judge(finished, to)
            yield finished
            if finished.fate is not Fate.OFF and number + 1 < len(self.candidates):
                self.pause(min(LONGEST_PAUSE, PAUSE * (self.clock() - began)))

    @property
    def trouble(self) -> ConfabError | None:
        """What last kept a backend from taking anything."""
        return next(reversed(self.closed.values()), None)

    def _judge(self, finished: Finished, to: str | None) -> None:
        error = finished.error
        if finished.fate is Fate.ARCHIVED:
            self.in_a_row = 0
        elif isinstance(error, (BackendError, ConfigError)):
            self.in_a_row += 1
            if _closes(error) or self.in_a_row >= FAILURES_BELIEVED:
                self.closed[to] = error


def _closes(error: ConfabError) -> bool:
    """Whether the next session would meet the same."""
    if isinstance(error, FileUnavailable):
        return False
    return isinstance(
        error, (BackendUnavailable, BackendUnauthorized, BackendForbidden, ConfigError)
    )
