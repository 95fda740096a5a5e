"""Everything that can happen to a daemon, as messages on one queue.

Watchers post them and know nothing else; the supervisor takes them one by one and
decides (design, "The life of a daemon").
"""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confab_sync.engine.report import CycleReport


@dataclass(frozen=True, slots=True)
class FileChanged:
    """A file of the session was seen to change: a hint, never the truth."""


@dataclass(frozen=True, slots=True)
class TimerDue:
    """A moment that the supervisor waited for has come."""


@dataclass(frozen=True, slots=True)
class InboxChanged:
    """Somebody wrote to the inbox."""


@dataclass(frozen=True, slots=True)
class ConfigChanged:
    """config.json is not what it was."""


@dataclass(frozen=True, slots=True)
class ParentGone:
    """A process that had the session open is no more."""


@dataclass(frozen=True, slots=True)
class Signalled:
    """A signal arrived."""

    number: int


@dataclass(frozen=True, slots=True)
class CycleDone:
    """The worker has finished a cycle; `final` if it was meant to be the last one."""

    report: CycleReport
    seconds: float
    final: bool = False
    is_last_word: bool = False
    """Whether it really was: nothing is left, and nothing had still been growing."""


Message = FileChanged | TimerDue | InboxChanged | ConfigChanged | ParentGone | Signalled | CycleDone


class Mailbox:
    """The queue between the watchers' threads and the supervisor."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def post(self, message: Message) -> None:
        """Put a message at the end; callable from any thread."""
        self._queue.put(message)

    def take(self, timeout: float) -> Message:
        """The next message, or `TimerDue` when none comes within `timeout` seconds."""
        try:
            return self._queue.get(timeout=max(0.0, timeout))
        except queue.Empty:
            return TimerDue()

    def is_empty(self) -> bool:
        """Whether nothing waits now."""
        return self._queue.empty()
