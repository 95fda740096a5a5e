"""Sending the lines of one chunk in requests that the server takes.

A range whose answer is unclear is sent again from the same first line and never shorter,
or an object of the first attempt would shadow lines of the second (contract §3.3): how
lines are grouped depends on them alone, and only a definite refusal makes the groups
smaller.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from confab_sync import wire
from confab_sync.backends.http import lines as encoding
from confab_sync.backends.http.texts import dumps
from confab_sync.errors import BackendRefused, PositionMoved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from confab_sync.store.values import Chunk

AIM = 3 * 1024 * 1024
"""Bytes of encoded lines in one request, unless one line alone is longer."""

SMALLEST_AIM = 64 * 1024


@dataclass(slots=True)
class Aim:
    """How large requests are to be; learnt when something on the way takes less."""

    bytes: int = AIM

    def refused(self, size: int) -> None:
        """A body of `size` bytes was too large for somebody."""
        self.bytes = max(SMALLEST_AIM, min(self.bytes, size // 2))


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that go into one request; `first` is the number of the first one."""

    first: int
    encoded: Sequence[bytes] = field(repr=False)

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.first + len(self.encoded) - 1

    @property
    def size(self) -> int:
        """Bytes of the lines in the body."""
        return sum(map(len, self.encoded)) + len(self.encoded)

    def halves(self) -> tuple[Group, Group]:
        """The group as two; only for more than one line."""
        middle = len(self.encoded) // 2
        return (
            Group(self.first, self.encoded[:middle]),
            Group(self.first + middle, self.encoded[middle:]),
        )


def groups(first: int, encoded: Sequence[bytes], aim: int) -> Iterator[Group]:
    """The lines in groups of at most `aim` bytes; a longer line is a group of its own."""
    start, size = 0, 0
    for number, line in enumerate(encoded):
        if number > start and size + len(line) + 1 > aim:
            yield Group(first + start, encoded[start:number])
            start, size = number, 0
        size += len(line) + 1
    if start < len(encoded):
        yield Group(first + start, encoded[start:])


class LinesRefused(BackendRefused):
    """Not these lines in this request; fewer or others may be taken. Never leaves `Upload`."""


class TooLarge(LinesRefused):
    """Something between here and the server takes no body of this size."""


class Upload:
    """One chunk on its way. `send` posts a body and returns the line it acknowledges.

    It raises `LinesRefused` where other lines may fare better.
    """

    def __init__(
        self,
        session_id: str,
        chunk: Chunk,
        metadata: dict[str, Any],
        send: Callable[[bytes], int],
        aim: Aim,
    ) -> None:
        self._session_id = session_id
        self._chunk = chunk
        self._metadata = metadata
        self._send = send
        self._aim = aim
        self.refused = 0
        """Lines that the server would not take and that a placeholder stands for."""

    def run(self, encoded: Sequence[bytes]) -> int:
        """Send all lines, one request after the other; the file's last line then.

        Raises `BackendError`; what was acknowledged until then is stored.
        """
        line = self._chunk.first_line - 1
        rest = Group(self._chunk.first_line, encoded)
        while rest.encoded:
            group = next(groups(rest.first, rest.encoded, self._aim.bytes))
            line = self._deliver(group)
            done = group.last - rest.first + 1
            rest = Group(group.last + 1, rest.encoded[done:])
        return line

    def _deliver(self, group: Group) -> int:
        """Send a group, in smaller ones if it is refused, down to the one line at fault."""
        try:
            return self._post(group)
        except LinesRefused as error:
            refusal = error
            if isinstance(error, TooLarge):
                self._aim.refused(group.size)
        if self._metadata:
            self._metadata = {}
            return self._deliver(group)
        if len(group.encoded) > 1:
            for half in group.halves():
                line = self._deliver(half)
            return line
        return self._replace(group, refusal)

    def _replace(self, group: Group, refusal: LinesRefused) -> int:
        """Set one line aside; if not even the placeholder is taken, it was not the line."""
        raw = json.loads(group.encoded[0]).encode()
        stand_in = Group(group.first, [encoding.placeholder(raw, encoding.REFUSED)])
        try:
            line = self._post(stand_in)
        except LinesRefused:
            raise BackendRefused(str(refusal)) from None
        self.refused += 1
        return line

    def _post(self, group: Group) -> int:
        line = self._send(self._body(group))
        self._metadata = {}  # once is enough: what is said of a session stays said
        if line != group.last:
            raise PositionMoved(
                f"the backend acknowledged line {line} of {self._chunk.file_name}"
                f" instead of {group.last}"
            )
        return line

    def _body(self, group: Group) -> bytes:
        head: dict[str, Any] = {
            "session_id": self._session_id,
            "file_name": self._chunk.file_name,
            "file_type": self._chunk.file_type,
            "first_line": group.first,
        }
        if self._metadata:
            head["metadata"] = self._metadata
        return dumps(head)[:-1] + b',"lines":[' + b",".join(group.encoded) + b"]}"


def is_about_lines(message: str | None) -> bool:
    """Whether a refusal can be due to the lines: for some, sending fewer changes nothing."""
    return message is None or not message.startswith(
        (
            wire.TOO_MANY_CHUNKS[:25],
            wire.TODO_NOT_SUPPORTED,
            wire.FIRST_LINE_TOO_SMALL,
            "file_name ",
            "file_type ",
            "session_id ",
        )
    )
