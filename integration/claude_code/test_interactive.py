"""What a user does inside a session in a terminal."""

import subprocess
import time
from pathlib import Path

import pytest

from integration import requirements
from integration.claude_code.transcripts import transcript_of
from integration.claude_code.workbench import PatientUser, Workbench
from integration.waiting import until

_LONG_WAIT = 75.0
"""Seconds before the first prompt: longer than the 60 s after which older clients gave up."""


@pytest.mark.timeout(300)
def test_a_user_who_types_late_loses_nothing(patient_user: PatientUser) -> None:
    workbench, session = patient_user.workbench, patient_user.session
    end = patient_user.since + _LONG_WAIT
    until(lambda: time.monotonic() > end, "the user types", seconds=_LONG_WAIT + 60, pause=1.0)
    assert [left.pid for left in workbench.home.daemons()] == [patient_user.daemon_pid]
    session.prompt("hello at last")
    session.exit()
    workbench.assert_all_is_well(session.id)


def test_a_session_without_a_prompt_creates_nothing(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.exit()
    workbench.assert_all_is_well()
    workbench.assert_not_archived(session.id)


def test_clear_ends_one_session_and_begins_another(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("hello")
    first = session.clear()
    session.prompt("RUN echo after-the-clear")
    session.exit()
    assert b'"cost-state"' in workbench.files(first)[f"{first}.jsonl"].splitlines()[-1]
    workbench.assert_all_is_well(first, session.id)


def test_clear_just_before_the_end_leaves_two_whole_sessions(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("hello")
    first = session.clear()
    session.exit()
    workbench.assert_all_is_well(first, session.id)


def test_compact_goes_on_in_the_same_session(workbench: Workbench) -> None:
    session = workbench.interactive()
    session.prompt("hello")
    session.compact()
    session.prompt("hello again")
    session.exit()
    assert b"compact_boundary" in workbench.files(session.id)[f"{session.id}.jsonl"]
    workbench.assert_all_is_well(session.id)


def test_a_session_that_moves_to_another_directory_stays_one(
    workbench: Workbench,
) -> None:
    session = workbench.interactive()
    session.prompt("BACKGROUND RUN echo before-the-move")
    session.until_agent_reported()
    before = transcript_of(workbench.home.claude, session.id)
    session.change_directory(workbench.home.other_project, moved=lambda: not before.exists())
    session.prompt("RUN echo after-the-move")
    session.exit()
    assert transcript_of(workbench.home.claude, session.id).parent != before.parent
    assert b"after-the-move" in workbench.files(session.id)[f"{session.id}.jsonl"]
    workbench.assert_all_is_well(session.id)


def test_a_session_in_a_worktree_is_archived_where_its_end_moves_it(workbench: Workbench) -> None:
    _make_repository(workbench.home.project)
    session = workbench.interactive("--worktree", "feature")
    session.prompt("RUN pwd")
    started_in = transcript_of(workbench.home.claude, session.id).parent
    session.exit()
    assert transcript_of(workbench.home.claude, session.id).parent != started_in
    workbench.assert_all_is_well(session.id)


def test_status_shows_a_living_session_with_phase_and_lines(workbench: Workbench) -> None:
    session = workbench.interactive()
    waiting = until(lambda: workbench.home.status_of(session.id), "the status shows the session")
    assert waiting["phase"] == "waiting"
    session.prompt("hello")
    name = f"{session.id}.jsonl"
    written = workbench.files(session.id)[name].count(b"\n")
    until(
        lambda: workbench.home.lines_archived(session.id, name) >= written,
        "the status counts the transcript's lines",
    )
    told = workbench.home.status_of(session.id)
    assert told is not None
    assert told["phase"] == "syncing"
    assert told["last_error"] == ""
    session.exit()
    workbench.assert_all_is_well(session.id)


def _make_repository(directory: Path) -> None:
    git = [requirements.tool("git"), "-c", "user.name=Test", "-c", "user.email=test@example.org"]
    for command in (["init", "--quiet"], ["commit", "--quiet", "--allow-empty", "-m", "Begin"]):
        subprocess.run([*git, *command], cwd=directory, check=True)
