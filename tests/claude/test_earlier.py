"""Whose summaries are in a transcript; which sessions are asked is in tests/contract, case 29."""

from __future__ import annotations

import json
import os
from pathlib import Path

from confab_sync.claude.earlier import LAST_LINES, earlier_summaries


def summary(leaf: str) -> bytes:
    return json.dumps({"type": "summary", "summary": "T", "leafUuid": leaf}).encode() + b"\n"


def test_only_the_last_lines_count(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"uuid": f"u{n}"}) + "\n\n" for n in range(30))
    (tmp_path / "old.jsonl").write_text(rows)
    own = str(tmp_path / "own.jsonl")
    first = 30 - LAST_LINES
    assert earlier_summaries(own, "transcript", summary(f"u{first}")) == [("old", "T")]
    assert earlier_summaries(own, "transcript", summary(f"u{first - 1}")) == []


def test_nothing_is_read_for_other_kinds_links_and_missing_directories(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text(json.dumps({"uuid": "u"}) + "\n")
    os.symlink(target, tmp_path / "link.jsonl")
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "directory.jsonl").mkdir()
    own = str(tmp_path / "own.jsonl")
    assert earlier_summaries(own, "transcript", summary("u")) == []
    assert earlier_summaries(own, "agent", summary("u")) == []
    assert earlier_summaries("/nowhere/own.jsonl", "transcript", summary("u")) == []


def test_very_long_last_line_is_passed_over(tmp_path: Path) -> None:
    row = {"uuid": "u", "text": "x" * 2_000_000}
    (tmp_path / "old.jsonl").write_text(json.dumps(row) + "\n")
    assert earlier_summaries(str(tmp_path / "own.jsonl"), "transcript", summary("u")) == []
