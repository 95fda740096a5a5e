"""What came back for a request, and the values that a good answer holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from confab_sync.errors import BackendUnavailable
from confab_sync.store.values import FilePosition, OpenedSession
from confab_sync.wire import JSON_TYPE, MAX_FILE_NAME

MOST_LINES = 2**53
"""A count beyond this is nonsense; ours are kept in 64 bits."""

LOGIN = "confab login"
"""The command that gets a key, unless the key is that of one configuration directory."""

LONGEST_ID = 200
"""Characters of a session's id; the API's own have 36."""

LONGEST_TEXT = 4096
"""Bytes of a plain text that are looked at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, read whole; `where` is the route it came from, for messages.

    `retry_after`, `location` and `date` are what the headers of these names say; `wants_live`
    says whether the server reads `wire.LIVE_HEADER`.
    """

    where: str
    status: int
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    retry_after: str = ""
    location: str = ""
    date: str = ""
    login: str = LOGIN
    """The command that gets a key for the server."""
    wants_live: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether the status says that it worked."""
        return 200 <= self.status < 300

    @property
    def error(self) -> str | None:
        """The message of the API's own handlers; None when they did not write this (§1.7)."""
        if self.media_type != JSON_TYPE:
            return None
        try:
            message = json.loads(self.body).get("error")
        except (ValueError, RecursionError, AttributeError):
            return None
        return message if isinstance(message, str) else None

    @property
    def text(self) -> str:
        """The beginning of a plain text, as the layers before the handlers write it (§1.7)."""
        if self.media_type != "text/plain":
            return ""
        return " ".join(self.body[:LONGEST_TEXT].decode("utf-8", "replace").split())

    def object(self) -> dict[str, Any]:
        """The JSON object of a success. Raises `BackendUnavailable` when it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise self.nonsense("what came back is not the API's: a sign-in page in between?")
        return value

    def nonsense(self, why: str) -> BackendUnavailable:
        """The error for a success that says what cannot be."""
        kind = self.media_type if self.media_type.isprintable() else ""
        return BackendUnavailable(
            f"{self.where} answered {self.status} ({kind[:60] or 'no type'}), but {why}"
        )

    @property
    def media_type(self) -> str:
        """What kind of body it says this is, in lower case and without parameters."""
        return self.content_type.partition(";")[0].strip().lower()


def opened_session(answer: Answer, provider: str) -> OpenedSession:
    """What init said (§2.4). Raises `BackendUnavailable` for nonsense."""
    said = answer.object()
    session_id, files = said.get("session_id"), said.get("files")
    if not is_session_id(session_id) or not isinstance(files, dict):
        raise answer.nonsense("it names no session")
    if said.get("provider", provider) != provider:
        raise answer.nonsense("it is about another provider's session")
    return OpenedSession(
        session_id,
        provider,
        # A name that no file of ours can have is of no interest.
        {name: _position(answer, file) for name, file in files.items() if _may_be_ours(name)},
    )


def last_line(answer: Answer) -> int:
    """The line that a chunk's answer acknowledges (§2.5). Raises `BackendUnavailable`."""
    line = _count(answer.object())
    if line is None:
        raise answer.nonsense("it acknowledges no line")
    return line


def capabilities(answer: Answer) -> frozenset[str]:
    """The names of what the server can do (§2.3). Raises `BackendUnavailable`."""
    return frozenset(name for name, can in answer.object().items() if can is True)


def _position(answer: Answer, file: object) -> FilePosition:
    lines = _count(file) if isinstance(file, dict) else None
    if lines is None:
        raise answer.nonsense("it does not say how far a file is synced")
    return FilePosition(lines=lines, source_bytes=None, open_end=False, generation=1, file_type="")


def _count(said: dict[str, Any]) -> int | None:
    line = said.get("last_synced_line")
    return line if is_count(line) else None


def is_count(value: object) -> TypeGuard[int]:
    """Whether `value` can be a number of lines or bytes."""
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_LINES


def is_session_id(value: object) -> TypeGuard[str]:
    """Whether `value` can stand in a route and in the registry as it is (§2.1)."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_ID
        and value.isascii()
        and value.isprintable()
        and value not in (".", "..")
    )


def _may_be_ours(name: str) -> bool:
    try:
        return len(name.encode()) <= MAX_FILE_NAME
    except UnicodeEncodeError:
        return False
