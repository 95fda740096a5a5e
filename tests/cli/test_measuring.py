"""Sessions without a daemon are compared with what lies on disk now."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.measuring import (
    LOOKED_THROUGH,
    NOTHING_BEHIND,
    TRANSCRIPT_GONE,
    UNFINISHED_LINE,
    measured,
)
from confab_sync.cli.views import ARCHIVED, UNFINISHED, FileView, SessionView
from confab_sync.engine.known import REWRITTEN
from tests.cli.archives import ONE, Home
from tests.permissions import out_of_reach

if TYPE_CHECKING:
    from pathlib import Path

META = "subagents/agent-abcdef.meta.json"


def measure(home: Home, **changed: bool) -> SessionView:
    with closing(home.registry()) as registry:
        session = registry.session("claude-code", ONE)
        assert session is not None
        return measured(replace(session, **changed), registry.files("claude-code", ONE))  # type: ignore[arg-type]


def test_finished_session_is_archived(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.write(b"{}", relative=META)
    home.archive(cwd="/home/u/app")
    view = measure(home)
    assert (view.phase, view.note, view.behind_bytes) == (ARCHIVED, "", 0)
    assert (view.project, view.backend, view.running) == ("/home/u/app", "embedded", False)
    assert (view.lines, view.bytes) == (1, 6)
    assert view.files == (
        FileView(f"{ONE}.jsonl", "transcript", 1, 4, 0),
        FileView(META, "side", 0, 2, 0),
    )


def test_bytes_behind_are_those_on_disk_now(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.write(b"{}", relative=META)
    home.archive()
    home.write(b"one\ntwo\n")
    home.write(b"[]", relative=META)
    os.utime(home.transcript().with_suffix("") / META, (1, 1))
    home.write(b"agent\n", relative="subagents/agent-abcdef.jsonl")
    view = measure(home)
    assert (view.phase, view.behind_bytes) == (UNFINISHED, 4 + 2 + 6)
    assert {file.name: file.behind_bytes for file in view.files} == {
        f"{ONE}.jsonl": 4,
        META: 2,
        "agent-abcdef.jsonl": 6,
    }


@pytest.mark.parametrize("settled", [True, False])
def test_torn_tail_is_named_whether_or_not_a_daemon_could_say_so(
    tmp_path: Path, settled: bool
) -> None:
    home = Home(tmp_path)
    home.write(b"one\ntorn")
    home.archive(settled=settled)
    view = measure(home)
    assert (view.phase, view.behind_bytes) == (UNFINISHED, 4)
    assert view.files[0].note == UNFINISHED_LINE


def test_lines_that_wait_are_not_called_torn(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive(settled=False)
    home.write(b"one\ntwo\nthree")
    assert measure(home).files[0].note == ""


def test_much_that_waits_is_not_read(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive(settled=False)
    home.write(b"one\n" + b"x" * (LOOKED_THROUGH + 1))
    assert (measure(home).files[0].note, measure(home).behind_bytes) == ("", LOOKED_THROUGH + 1)


def test_note_of_a_line_that_was_finished_meanwhile_is_not_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\ntorn")
    home.archive()
    home.write(b"one\n")
    assert measure(home).files[0].note == ""


def test_rewrite_stays_noted(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    home.write(b"other\n")
    home.archive()
    assert measure(home).files[0].note == REWRITTEN


def test_killed_daemon_that_had_sent_everything_is_told_as_such(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive(settled=False)
    view = measure(home)
    assert (view.phase, view.note, view.behind_bytes) == (UNFINISHED, NOTHING_BEHIND, 0)


@pytest.mark.parametrize(("finished", "note"), [(False, TRANSCRIPT_GONE), (True, "")])
def test_lost_transcript_is_told_unless_all_of_it_is_archived(
    tmp_path: Path, finished: bool, note: str
) -> None:
    home = Home(tmp_path)
    home.write(b"one\ntorn" if not finished else b"one\n")
    home.archive()
    home.transcript().unlink()
    view = measure(home)
    assert view.note == note
    assert view.phase == (ARCHIVED if finished else UNFINISHED)
    assert view.behind_bytes == (0 if finished else 4)
    assert view.lines == 1


def test_transcript_that_may_not_be_looked_at_is_not_called_lost(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\ntorn")
    home.archive()
    with closing(home.registry()) as registry:
        session, files = registry.session("claude-code", ONE), registry.files("claude-code", ONE)
    assert session is not None
    with out_of_reach(home.project):
        view = measured(session, files)
    assert (view.note, view.phase) == ("", UNFINISHED)
    assert view.files[0].note == "cannot be read: Permission denied"


def test_moved_transcript_is_found(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    other = home.project.parent / "-tmp"
    other.mkdir()
    home.transcript().rename(other / f"{ONE}.jsonl")
    view = measure(home)
    assert (view.transcript_path, view.phase) == (str(other / f"{ONE}.jsonl"), ARCHIVED)
