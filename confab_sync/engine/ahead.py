"""Getting the next batch of a file ready while the last one is on its way.

A batch that turns out not to follow, because the one before it was not acknowledged, is
dropped: nothing has been sent of it, and the file is read again from where it is known to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from confab_sync.aside import Aside

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from confab_sync.engine.known import Acknowledged
    from confab_sync.engine.position import Evidence, Position
    from confab_sync.store.values import Chunk

WORTH_IT = 512 * 1024
"""Bytes that have to be left in the file for a second thread to be worth its start."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A batch that can be sent as `chunk`; `span` is what it is of the file.

    `position` and `evidence` are the file's once it is acknowledged.
    """

    chunk: Chunk
    span: Acknowledged
    position: Position
    evidence: Evidence


class Ahead:
    """Hands out the batches of one file. `read` gets the one after a position and its evidence.

    It is called by one thread at a time, but not always by the same.
    """

    def __init__(self, read: Callable[[Position, Evidence], Ready | None]) -> None:
        self._read = read
        self._begun: Aside[Ready | None] | None = None

    def __enter__(self) -> Ahead:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._begun is not None:
            self._begun.wait()

    def begin(self, position: Position, evidence: Evidence) -> None:
        """Begin to get ready what `take` will be asked for next, with the same arguments."""
        try:
            self._begun = Aside(partial(self._read, position, evidence), "ahead")
        except RuntimeError:  # no more threads to be had: `take` does it
            self._begun = None

    def take(self, position: Position, evidence: Evidence) -> Ready | None:
        """The batch after `position`; raises what `read` raises."""
        begun, self._begun = self._begun, None
        return self._read(position, evidence) if begun is None else begun.result()
