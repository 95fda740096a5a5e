"""The daemon believes only paths that a hook would have believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from confab_sync.daemon.belief import Belief
from confab_sync.errors import PayloadError
from confab_sync.paths import HIDDEN, Paths
from confab_sync.presence import inbox
from confab_sync.presence import state as states
from confab_sync.presence.life import Life


def belief(home: Path) -> tuple[Belief, Path]:
    environ = {"HOME": str(home), "CONFAB_HOME": str(home / "confab")}
    paths = Paths(environ)
    session = paths.session("s")
    Path(session.directory).mkdir(parents=True)
    projects = home / ".claude" / "projects" / "-p"
    projects.mkdir(parents=True)
    return Belief(paths, session, environ), projects


def life(path: str, cwd: str = "") -> Life:
    told = Life()
    told.transcript_path = path
    told.cwd = cwd
    return told


def test_the_records_say_where_the_transcript_lies(tmp_path: Path) -> None:
    believes, projects = belief(tmp_path)
    subject = believes.subject(life(f"{projects}/s.jsonl", "/w"))
    assert (subject.transcript_path, subject.cwd) == (f"{projects}/s.jsonl", "/w")
    assert subject.external_id == "s"


@pytest.mark.parametrize("path", ["/etc/passwd", "relative.jsonl", "/tmp/s.jsonl", ""])
def test_other_paths_are_not_believed_and_the_state_fills_in(tmp_path: Path, path: str) -> None:
    believes, projects = belief(tmp_path)
    with pytest.raises(PayloadError):
        believes.subject(life(path))
    session = Paths({"HOME": str(tmp_path), "CONFAB_HOME": str(tmp_path / "confab")}).session("s")
    states.write(session.state, {"transcript_path": f"{projects}/s.jsonl", "cwd": "/from/state"})
    subject = believes.subject(life(path))
    assert (subject.transcript_path, subject.cwd) == (f"{projects}/s.jsonl", "/from/state")


@pytest.mark.parametrize("state", [None, {"transcript_path": "", "phase": "starting"}])
def test_who_asks_before_the_inbox_was_read_hears_it_although_the_state_was_lost(
    tmp_path: Path, state: dict[str, Any] | None
) -> None:
    """The threads that look and listen do, and would end with the error."""
    believes, projects = belief(tmp_path)
    session = Paths({"HOME": str(tmp_path), "CONFAB_HOME": str(tmp_path / "confab")}).session("s")
    if state is not None:
        states.write(session.state, state)
    path = f"{projects}/s.jsonl"
    inbox.append(session.inbox, {"type": inbox.START, "transcript_path": path, "cwd": "/w"})
    subject = believes.subject(Life())
    assert (subject.transcript_path, subject.cwd) == (path, "/w")


def test_a_move_is_believed_when_it_is_heard(tmp_path: Path) -> None:
    believes, projects = belief(tmp_path)
    first = believes.subject(life(f"{projects}/s.jsonl"))
    assert believes.subject(life(f"{projects}/s.jsonl")) is first
    other = projects.parent / "-q"
    assert believes.subject(life(f"{other}/s.jsonl")).transcript_path == f"{other}/s.jsonl"


def test_a_transcript_in_a_hidden_directory_is_found_by_its_name(tmp_path: Path) -> None:
    believes, projects = belief(tmp_path)
    recorded = f"{projects.parent}/{HIDDEN}/s.jsonl"
    assert believes.subject(life(recorded)).transcript_path == recorded
    (projects / "s.jsonl").write_text("{}\n")
    subject = believes.subject(life(recorded))
    assert (subject.transcript_path, subject.recorded_path) == (f"{projects}/s.jsonl", recorded)
    moved = projects.parent / "-q"
    projects.rename(moved)
    assert believes.subject(life(recorded)).transcript_path == f"{moved}/s.jsonl"
