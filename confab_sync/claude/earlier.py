"""Finding the earlier session that a summary in a transcript belongs to (contract §4.6)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.claude.layout import TRANSCRIPT
from confab_sync.claude.metadata import linked_summaries, uuids

if TYPE_CHECKING:
    from collections.abc import Iterator

LAST_LINES = 10
"""Lines at the end of a transcript among which a summary's leaf must be."""

TAIL = 1024 * 1024
"""Bytes at the end of a transcript in which these lines are looked for."""


def earlier_summaries(transcript_path: str, kind: str, data: bytes) -> list[tuple[str, str]]:
    """The summaries in these lines that are another session's: (its id, summary).

    Those are sought among the transcripts beside this one. One that is nowhere is left out.
    """
    wanted = linked_summaries(data) if kind == TRANSCRIPT else {}
    if not wanted:
        return []
    found = []
    for path in _siblings(transcript_path):
        for leaf in set(uuids(_last_lines(path))) & wanted.keys():
            external_id = os.path.basename(path).removesuffix(".jsonl")
            found.append((external_id, wanted.pop(leaf)))
        if not wanted:
            break
    return found


def _siblings(transcript_path: str) -> Iterator[str]:
    directory, own = os.path.split(transcript_path)
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return
    for name in names:
        if name.endswith(".jsonl") and not name.startswith("agent-") and name != own:
            yield os.path.join(directory, name)


def _last_lines(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    try:
        size = os.fstat(descriptor).st_size
        data = os.pread(descriptor, min(TAIL, size), max(0, size - TAIL))
    except OSError:
        return b""
    finally:
        os.close(descriptor)
    return b"\n".join([line for line in data.split(b"\n") if line][-LAST_LINES:])
