"""How long a session without a known parent lies idle."""

from __future__ import annotations

import os
from pathlib import Path

from confab_sync.daemon.idle import idle_seconds
from confab_sync.paths import SessionPaths


def test_the_youngest_of_inbox_and_transcript_counts(tmp_path: Path) -> None:
    paths = SessionPaths(str(tmp_path), "claude-code", "s")
    transcript = tmp_path / "t.jsonl"
    for path, moment in ((Path(paths.inbox), 1000), (transcript, 3000)):
        path.write_text("x")
        os.utime(path, (moment, moment))
    assert idle_seconds(paths, str(transcript), lambda: 3500.0) == 500
    os.utime(paths.inbox, (3400, 3400))
    assert idle_seconds(paths, str(transcript), lambda: 3500.0) == 100


def test_without_either_nothing_is_idle(tmp_path: Path) -> None:
    paths = SessionPaths(str(tmp_path), "claude-code", "s")
    assert idle_seconds(paths, str(tmp_path / "t.jsonl"), lambda: 3500.0) == 0
