"""The files of one session on disk, and every content that each of them has had."""

from __future__ import annotations

import os
from pathlib import Path

SESSION = "11111111-2222-3333-4444-555555555555"
MAIN = f"{SESSION}.jsonl"
AGENT = "subagents/agent-abcdef.jsonl"
LATE_AGENT = "subagents/agent-fedcba.jsonl"
JOURNAL = "subagents/workflows/wf_1/journal.jsonl"
ARCHIVED = {
    "": MAIN,
    AGENT: "agent-abcdef.jsonl",
    LATE_AGENT: "agent-fedcba.jsonl",
    JOURNAL: JOURNAL,
}
"""Under which name a file is archived; the transcript's own is empty here."""
SIDES = ("tool-results/one.txt", "subagents/agent-abcdef.meta.json")
PROJECTS = ("-home-u-app", "-home-u-other", "-tmp")


class Files:
    """A session below `projects`; `versions` holds what each file was, the newest last.

    A version that only grew by whole lines is one version.
    """

    def __init__(self, projects: Path) -> None:
        self.projects = projects
        self.project = PROJECTS[0]
        self.versions: dict[str, list[bytes]] = {}
        self._ticks = 0
        (projects / self.project).mkdir(parents=True)

    @property
    def transcript(self) -> Path:
        return self.projects / self.project / MAIN

    def path(self, relative: str) -> Path:
        if not relative:
            return self.transcript
        return self.projects / self.project / SESSION / relative

    def exists(self, relative: str) -> bool:
        return self.path(relative).exists()

    def content(self, relative: str) -> bytes:
        try:
            return self.path(relative).read_bytes()
        except FileNotFoundError:
            return b""

    def append(self, relative: str, data: bytes) -> None:
        path = self.path(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as stream:
            stream.write(data)
        self._note(relative)

    def write(self, relative: str, data: bytes) -> None:
        """Put new content into the same file."""
        path = self.path(relative)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._note(relative)

    def truncate(self, relative: str, size: int) -> None:
        os.truncate(self.path(relative), size)
        self._note(relative)

    def replace(self, relative: str, data: bytes) -> None:
        """Put another file in its place, as editors do."""
        other = self.projects / "other"
        other.write_bytes(data)
        other.rename(self.path(relative))
        self._note(relative)

    def remove(self, relative: str) -> None:
        self.path(relative).unlink()

    def move(self, project: str) -> None:
        """Move the session to another project, its directory too, as `/cd` does."""
        old, target = self.transcript, self.projects / project
        target.mkdir(exist_ok=True)
        old.rename(target / MAIN)
        if old.with_suffix("").exists():
            old.with_suffix("").rename(target / SESSION)
        self.project = project

    def _note(self, relative: str) -> None:
        # A time of its own for every change: file systems tick too slowly for a test.
        self._ticks += 1
        stamp = 1_700_000_000_000_000_000 + self._ticks * 1_000_000
        os.utime(self.path(relative), ns=(stamp, stamp))
        content = self.content(relative)
        versions = self.versions.setdefault(relative, [])
        grows = relative not in SIDES  # which are kept whole
        if versions and grows and _continues(content, versions[-1]):
            versions[-1] = content
        else:
            versions.append(content)


def _continues(content: bytes, version: bytes) -> bool:
    """Whether every beginning of `version` in whole lines is one of `content`."""
    ended = not version or version.endswith(b"\n") or content[len(version) :].startswith(b"\n")
    return ended and content.startswith(version)
