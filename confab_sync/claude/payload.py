"""What Claude Code hands to a hook, checked before anything believes it.

The daemon applies the same checks to what it finds in its state and inbox, because those
are files that anybody with the user's rights can write. Source: contract §4.10, behaviour
sheet §3; imported by hooks.
"""

from __future__ import annotations

import os

from confab_sync import quickjson
from confab_sync.early_errors import PayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

LARGEST = 1024 * 1024
"""Bytes of a payload; more is refused."""

ID_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
LONGEST_ID = 200
"""Characters of a session id: file names made from it must stay below 255 bytes."""


class Payload:
    """The parts of a hook's payload that confab uses."""

    __slots__ = ("cwd", "directory", "event", "fields", "session_id", "transcript_path")

    def __init__(
        self,
        session_id: str,
        transcript_path: str,
        cwd: str,
        event: str,
        fields: Mapping[str, Any],
        directory: str | None = None,
    ) -> None:
        self.session_id = session_id
        self.transcript_path = transcript_path
        self.cwd = cwd
        self.directory = cwd if directory is None else directory
        """Where the session really works, if `cwd` is only what may be put on record of it."""
        self.event = event
        self.fields = fields

    def text(self, name: str) -> str:
        """The string field `name`; empty when it is missing or something else."""
        return text_field(self.fields, name)


def parse(content: bytes, projects: Callable[[], list[str]]) -> Payload:
    """The payload in `content`, one JSON object. Raises `PayloadError` with the reason.

    `projects` tells the directories below which a transcript may lie, symlinks resolved.
    """
    if len(content) > LARGEST:
        raise PayloadError("the payload is larger than 1 MiB")
    try:
        fields = quickjson.loads(content.decode("utf-8", "surrogatepass"))
    except ValueError as error:
        raise PayloadError("the payload is not JSON") from error
    if not isinstance(fields, dict):
        raise PayloadError("the payload is not a JSON object")
    session_id = checked_id(fields.get("session_id"))
    path = checked_transcript(fields.get("transcript_path"), projects())
    cwd = text_field(fields, "cwd")
    return Payload(session_id, path, cwd, text_field(fields, "hook_event_name"), fields)


def checked_id(value: object) -> str:
    """`value` if it is a session id, `[A-Za-z0-9_-]+`. Raises `PayloadError`."""
    if not isinstance(value, str) or not value or not ID_CHARACTERS.issuperset(value):
        raise PayloadError("session_id is missing or malformed")
    if len(value) > LONGEST_ID:
        raise PayloadError("session_id is too long")
    return value


def checked_transcript(value: object, projects: list[str]) -> str:
    """The transcript's path with symlinks in its directory resolved. Raises `PayloadError`.

    It must be absolute, end in `.jsonl`, and lie below one of `projects`; the file itself
    need not exist yet, and is never followed when it is a symlink.
    """
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise PayloadError("transcript_path is not an absolute path")
    directory, _, base = value.rpartition("/")
    if not base.endswith(".jsonl") or base == ".jsonl":
        raise PayloadError("transcript_path is not a .jsonl file")
    try:
        os.fsencode(base)
        path = f"{os.path.realpath(directory or '/')}/{base}"
    except (OSError, ValueError) as error:
        raise PayloadError("transcript_path cannot be resolved") from error
    if not any(path.startswith(root + "/") for root in projects):
        raise PayloadError("transcript_path is not below a projects directory of Claude Code")
    return path


def text_field(fields: Mapping[str, Any], name: str) -> str:
    """The string `fields[name]`, with "?" for what is no character; else empty."""
    value = fields.get(name)
    if not isinstance(value, str):
        return ""
    # Half a surrogate pair is allowed by JSON and refused by databases.
    return value.encode("utf-8", "replace").decode("utf-8")
