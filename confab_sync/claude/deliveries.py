"""The commits and pull requests that a session made, as its transcript tells them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from confab_sync.claude.conversation import ToolCall, ToolResult

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.claude.conversation import Entry

_COMMITTED = re.compile(r"^\[([^\]\n]{1,200}) ([0-9a-f]{7,40})\] (.{1,300})$", re.MULTILINE)
"""What `git commit` says: `[main 1a2b3c4] Fix it`, `[main (root-commit) 1a2b3c4] Begin`."""

_REQUESTED = re.compile(
    r"https?://[^\s/\"'<>]+/[\w.-]+/[\w.-]+/(?:pull|pulls|-/merge_requests)/([0-9]{1,9})\b"
)
_COMMITTING = re.compile(r"\bgit\b[^\n;|&]{0,200}\bcommit\b")
_REQUESTING = re.compile(r"\b(?:gh\s+pr|glab\s+mr)\s+create\b")
_SCP = re.compile(r"^(?:[\w.-]+@)?([\w.-]+):(?!//)(.+)$")
_LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """A commit or a pull request: its short name, what it is about, and its address if known."""

    line: int
    kind: str
    name: str
    title: str = ""
    url: str = ""


class Deliveries:
    """Reads entries in their order; a result is understood by the call it belongs to."""

    def __init__(self) -> None:
        self._calls: dict[str, str] = {}

    def read(self, entry: Entry) -> Iterator[Delivery]:
        """What this entry says was delivered."""
        for block in entry.blocks:
            if isinstance(block, ToolCall):
                self._note(block)
            elif isinstance(block, ToolResult) and not block.is_error:
                yield from _delivered(
                    entry.line, self._calls.pop(block.call_id, ""), block.text[:_LONGEST]
                )

    def _note(self, call: ToolCall) -> None:
        command = call.input.get("command")
        if isinstance(command, str):
            command = command[:_LONGEST]
            if _COMMITTING.search(command) or _REQUESTING.search(command):
                self._calls[call.id] = command


def _delivered(line: int, command: str, text: str) -> Iterator[Delivery]:
    if _COMMITTING.search(command):
        for found in _COMMITTED.finditer(text):
            yield Delivery(line, "commit", found[2], found[3])
    if _REQUESTING.search(command):
        for found in _REQUESTED.finditer(text):
            yield Delivery(line, "pull request", f"#{found[1]}", url=found[0])


def web_address(repository: str) -> str:
    """Where a repository is looked at in a browser; empty where that cannot be told.

    Git's own spellings are understood: `git@host:owner/name.git`, `ssh://…`, `https://…`.
    """
    scp = _SCP.match(repository)
    if scp:
        repository = f"ssh://{scp[1]}/{scp[2]}"
    try:
        parts = urlsplit(repository)
        host = parts.hostname or ""
    except ValueError:
        return ""
    path = parts.path.strip("/").removesuffix(".git")
    if parts.scheme not in ("http", "https", "ssh", "git") or "." not in host:
        return ""
    if not re.fullmatch(r"[\w.~-]+(?:/[\w.~-]+)+", path, re.ASCII):
        return ""
    return f"https://{host}/{path}"


def commit_address(repository: str, sha: str) -> str:
    """Where a commit is looked at; empty where that cannot be told."""
    address = web_address(repository)
    if not address:
        return ""
    return f"{address}/-/commit/{sha}" if "gitlab" in address else f"{address}/commit/{sha}"
