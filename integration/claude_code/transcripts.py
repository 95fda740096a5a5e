"""The files of a session on disk, as the test itself finds them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]


def session_ids(claude: Path) -> set[str]:
    """Return the ids of all sessions that have a transcript."""
    return {path.stem for path in claude.glob("projects/*/*.jsonl")}


def transcript_of(claude: Path, session_id: str) -> Path:
    """Return the one place where the session's transcript is now."""
    (path,) = claude.glob(f"projects/*/{session_id}.jsonl")
    return path


def session_files(claude: Path, session_id: str) -> dict[str, bytes]:
    """Return each file of a session by its name below the project's directory.

    A session that goes on in the background has a symlink to the agent's file of the session
    that it was: that is the other session's file.
    """
    transcript = transcript_of(claude, session_id)
    below = transcript.parent / session_id
    paths = [
        transcript,
        *(path for path in below.rglob("*") if path.is_file() and not path.is_symlink()),
    ]
    return {
        str(path.relative_to(transcript.parent)): path.read_bytes()
        for path in paths
        if ".tmp." not in path.name
    }


def rows(content: bytes) -> Iterator[Json]:
    """Yield the rows of a transcript; a line that is not an object (torn by a kill) is no row."""
    for line in content.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            yield row
