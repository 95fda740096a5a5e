"""Every transcript of Claude Code on this machine, as listings of its directories show them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confab_sync.claude.payload import checked_id
from confab_sync.errors import PayloadError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Transcript:
    """One transcript; `modified` is in seconds since the epoch."""

    external_id: str
    path: str
    size: int
    modified: float
    mtime_ns: int
    status: os.stat_result | None = field(default=None, compare=False, repr=False)
    """As the listing showed it, for whoever looks at the session's other files."""


def transcripts(roots: Iterable[str]) -> Iterator[Transcript]:
    """The transcripts below the projects directories `roots`, in no order; links are left out."""
    for root in roots:
        for project in _entries(root):
            if _is_directory(project):
                for entry in _entries(project.path):
                    found = _transcript(entry)
                    if found is not None:
                        yield found


def newest(found: Iterable[Transcript]) -> dict[str, Transcript]:
    """By session; of several transcripts of one name the one that was written to last.

    Of several of one moment the one whose path sorts last.
    """
    by_name: dict[str, Transcript] = {}
    for transcript in found:
        other = by_name.get(transcript.external_id)
        if other is None or _age(other) < _age(transcript):
            by_name[transcript.external_id] = transcript
    return by_name


def _age(transcript: Transcript) -> tuple[float, str]:
    return transcript.modified, transcript.path


def _transcript(entry: os.DirEntry[str]) -> Transcript | None:
    external_id = entry.name.removesuffix(".jsonl")
    if external_id == entry.name:
        return None
    try:
        checked_id(external_id)
        if not entry.is_file(follow_symlinks=False):
            return None
        status = entry.stat(follow_symlinks=False)
    except (PayloadError, OSError):  # OSError: removed since it was listed
        return None
    return Transcript(
        external_id, entry.path, status.st_size, status.st_mtime, status.st_mtime_ns, status
    )


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _entries(directory: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(directory))
    except OSError:
        return []
