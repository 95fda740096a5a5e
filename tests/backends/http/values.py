"""Sessions and chunks as the engine makes them."""

from __future__ import annotations

from typing import Any

from confab_sync.metadata import ChunkMetadata
from confab_sync.store.values import Chunk, SessionInfo

SESSION = "11111111-2222-3333-4444-555555555555"
MAIN = f"{SESSION}.jsonl"


def info(**changes: Any) -> SessionInfo:
    facts: dict[str, Any] = {
        "provider": "claude-code",
        "external_id": SESSION,
        "transcript_path": f"/home/u/.claude/projects/p/{MAIN}",
        "cwd": "/home/u/app",
        "hostname": "box",
        "username": "ann",
    }
    return SessionInfo(**{**facts, **changes})


def chunk(
    data: bytes,
    first_line: int = 1,
    *,
    name: str = MAIN,
    kind: str = "transcript",
    closes: bool = False,
    **metadata: Any,
) -> Chunk:
    """The chunk of `data`; with `closes` its first newline ends the line before it."""
    open_end = not data.endswith(b"\n")
    return Chunk(
        file_name=name,
        file_type=kind,
        first_line=first_line,
        lines=data.count(b"\n") - closes + open_end,
        data=data,
        source_end=len(data),
        open_end=open_end,
        metadata=ChunkMetadata(**metadata),
    )
