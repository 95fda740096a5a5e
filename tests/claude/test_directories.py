from __future__ import annotations

import os
from pathlib import Path

import pytest

from confab_sync.claude.directories import bound_directory, config_dir, projects_dirs


def test_the_configuration_directory_is_the_first_that_is_named() -> None:
    environ = {"HOME": "/h", "CLAUDE_CONFIG_DIR": "/c", "CONFAB_CLAUDE_DIR": "/confab"}
    assert config_dir(environ) == "/confab"
    assert config_dir({"HOME": "/h", "CLAUDE_CONFIG_DIR": "/c"}) == "/c"
    assert config_dir({"HOME": "/h"}) == "/h/.claude"


def test_transcripts_may_lie_below_every_directory_that_is_named() -> None:
    environ = {"HOME": "/h", "CLAUDE_CONFIG_DIR": "/c", "CONFAB_CLAUDE_DIR": "/c"}
    assert projects_dirs(environ, ("/bound",)) == [
        "/h/.claude/projects",
        "/c/projects",
        "/bound/projects",
    ]


@pytest.mark.parametrize("link", [".claude", ".claude/projects"])
def test_directories_that_are_links_are_known_by_where_they_lead(tmp_path: Path, link: str) -> None:
    home, data = tmp_path / "home", Path(os.path.realpath(tmp_path)) / "data"
    (data / "projects").mkdir(parents=True)
    (home / link).parent.mkdir(parents=True)
    (home / link).symlink_to(data if link == ".claude" else data / "projects")
    assert projects_dirs({"HOME": str(home)}) == [f"{data}/projects"]


def test_configuration_directory_of_a_transcript_is_none_for_the_default(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    (tmp_path / "real").mkdir()
    (tmp_path / ".claude").symlink_to("real")
    for default in (tmp_path / ".claude", tmp_path / "real"):
        assert bound_directory(f"{default}/projects/p/s.jsonl", environ) is None
    other = tmp_path / "other"
    assert bound_directory(f"{other}/projects/p/s.jsonl", environ) == str(other)
    moved = {**environ, "CONFAB_CLAUDE_DIR": str(other)}
    assert bound_directory(f"{other}/projects/p/s.jsonl", moved) is None
    assert bound_directory(f"{tmp_path}/real/projects/p/s.jsonl", moved) == str(tmp_path / "real")
