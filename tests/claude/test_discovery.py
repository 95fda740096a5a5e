"""What lies below the projects directories is found, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.claude.discovery import transcripts

if TYPE_CHECKING:
    from pathlib import Path


def test_transcripts_of_all_projects_are_found_and_nothing_else(tmp_path: Path) -> None:
    project = tmp_path / "projects" / "-home-u-app"
    (project / "one" / "subagents").mkdir(parents=True)
    (project / "one" / "subagents" / "agent-a.jsonl").write_bytes(b"agent\n")
    (project / "one.jsonl").write_bytes(b"one\n")
    os.utime(project / "one.jsonl", (1000, 1000))
    (project / "no id.jsonl").write_bytes(b"")
    (project / "notes.txt").write_bytes(b"")
    (project / "two.jsonl").symlink_to(project / "one.jsonl")
    (project / "three.jsonl").mkdir()
    (project.parent / "linked").symlink_to(project)
    (project.parent / "file").write_bytes(b"")
    [found] = transcripts([str(project.parent), str(tmp_path / "missing")])
    assert (found.external_id, found.path) == ("one", str(project / "one.jsonl"))
    assert (found.size, found.modified, found.mtime_ns) == (4, 1000.0, 1000 * 10**9)
