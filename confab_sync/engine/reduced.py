"""A backend that is not told what the user keeps to themselves beside the lines.

Host name and user name are left out; of a path only its last part is told. Contract §2.4:
only `transcript_path` has to say something, and its file's name is enough for that.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from confab_sync.backends.protocol import Appended, Backend
    from confab_sync.config import Send
    from confab_sync.store.values import (
        Chunk,
        FilePosition,
        OpenedSession,
        SessionInfo,
        SideFile,
    )

REMOTE_URLS = ("fetch_url", "push_url")

PATHS_IN_PAYLOAD = ("transcript_path", "cwd")
"""The fields of a session_end payload that name places on this machine (contract §4.2)."""

FILE_SCHEME = "file:"


class ReducedBackend:
    """The `Backend` that leaves out what `send` says before it hands on."""

    def __init__(self, backend: Backend, send: Send) -> None:
        self.name = backend.name
        self.pace = backend.pace
        self._backend = backend
        self._send = send

    @property
    def requests(self) -> int:
        """How often the server was asked for something until now."""
        return self._backend.requests

    def takes(self, kind: str, name: str) -> bool:
        """Whether it keeps such files."""
        return self._backend.takes(kind, name)

    def open_session(self, info: SessionInfo) -> OpenedSession:
        """Open the session, saying less of it."""
        send = self._send
        if not send.hostname:
            info = replace(info, hostname="")
        if not send.username:
            info = replace(info, username="")
        if not send.paths:
            info = replace(
                info,
                transcript_path=last_part(info.transcript_path),
                cwd=None if info.cwd is None else last_part(info.cwd),
                git_info=without_paths(info.git_info),
            )
        return self._backend.open_session(info)

    def prepared(self, chunk: Chunk) -> Chunk:
        """What the backend makes of it."""
        return self._backend.prepared(chunk)

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        """Append the chunk's lines; they are what Claude Code wrote."""
        chunk = chunk.described()
        if not self._send.paths and chunk.metadata.git_info is not None:
            git_info = without_paths(chunk.metadata.git_info)
            chunk = replace(chunk, metadata=replace(chunk.metadata, git_info=git_info))
        return self._backend.append(session_id, chunk)

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        """Whether the lines are there; they are what Claude Code wrote."""
        return self._backend.has_lines(session_id, chunk)

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        """Begin a new generation."""
        return self._backend.restart_file(session_id, file_name)

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        """Store the side file."""
        self._backend.put_side_file(session_id, side_file)

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        """Record the end, without the places that its payload names."""
        if not self._send.paths and isinstance(payload, dict):
            payload = _changed(payload, PATHS_IN_PAYLOAD, last_part)
        self._backend.end_session(session_id, timestamp, payload)

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        """Set a summary."""
        self._backend.summarize(provider, external_id, summary)

    def close(self) -> None:
        """Let go of connections."""
        self._backend.close()


def last_part(path: str) -> str:
    """The name at the end of a path; empty for the root."""
    return os.path.basename(path.rstrip("/"))


def without_paths(git_info: object) -> object:
    """What is said of a repository, its remotes on this machine by their last part only."""
    if not isinstance(git_info, dict):
        return git_info
    reduced = _changed(git_info, ("repo_url",), _remote)
    remotes = reduced.get("remotes")
    if isinstance(remotes, list):
        reduced["remotes"] = [
            _changed(remote, REMOTE_URLS, _remote) if isinstance(remote, dict) else remote
            for remote in remotes
        ]
    return reduced


def _remote(url: str) -> str:
    """A remote's URL, unless it is a path of this machine, with or without `file:`."""
    is_here = url.startswith(("/", "~", ".", FILE_SCHEME))
    return last_part(url.removeprefix(FILE_SCHEME)) if is_here else url


def _changed(
    fields: Mapping[str, object], names: tuple[str, ...], change: Callable[[str], str]
) -> dict[str, object]:
    """The fields, with those texts among them changed that `names` name."""
    changed = dict(fields)
    for name in names:
        value = changed.get(name)
        if isinstance(value, str):
            changed[name] = change(value)
    return changed
