"""What the small image does between two looks, and that nothing falls between any two lines."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from confab_sync.claude import layout
from confab_sync.daemon.rest import LOOK, is_deserted, is_forgotten, look, sleep
from confab_sync.paths import Paths, SessionPaths
from confab_sync.presence.life import fold
from tests.daemon.factories import Stage, came, claude, went
from tests.daemon.moments import SESSION, WHAT
from tests.processes import CHECKOUT

STEP = 5.0


class Waits:
    """Stands for the kernel: each wait ends with the next of these words."""

    unannounced = STEP

    def __init__(self, *ends: str, tells_ends: bool = False) -> None:
        self._ends = list(ends)
        self.tells_ends = tells_ends
        self.was_told = False
        self.waits: list[float] = []

    def wait(self, longest: float) -> bool:
        self.waits.append(longest)
        end = self._ends.pop(0) if self._ends else "late"
        self.was_told = end == "told"
        return end == "signal"


class Watches:
    """Stands for the kernel: the directories of which it announces changes."""

    def __init__(self, on_watch: list[Path]) -> None:
        self._appears = on_watch
        self.watched: set[str] = set()

    def watch(self, directories: list[str]) -> bool:
        began = not self.watched >= set(directories)
        self.watched = set(directories)
        while self._appears:  # just before the watch began
            self._appears.pop().mkdir(parents=True)
        return began

    def covers(self, directories: list[str]) -> bool:
        return self.watched >= set(directories)


def nobody_left() -> bool:
    return True


def somebody_there() -> bool:
    return False


def place(tmp_path: Path) -> tuple[SessionPaths, Path]:
    """A session's own files, and its transcript."""
    transcript = tmp_path / "projects" / "-p" / f"{SESSION}.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(b"{}\n")
    return Paths({"HOME": str(tmp_path)}).session(SESSION), transcript


def test_one_wait_is_enough_where_everything_is_announced() -> None:
    waits = Waits(tells_ends=True)
    assert not sleep(waits, LOOK, nobody_left)
    assert waits.waits == [LOOK]


def test_parents_are_looked_at_now_and_then_where_their_ends_are_not_announced() -> None:
    waits = Waits()
    assert not sleep(waits, LOOK, somebody_there)
    assert waits.waits == [STEP] * 6


def test_the_end_of_the_last_parent_is_then_seen_after_each_wait() -> None:
    waits = Waits()
    assert sleep(waits, LOOK, nobody_left)
    assert waits.waits == [STEP]


def test_files_are_looked_at_soon_where_changes_are_not_announced() -> None:
    waits = Waits(tells_ends=True)
    assert not sleep(waits, STEP, somebody_there)
    assert waits.waits == [STEP]


def test_an_announced_change_ends_the_sleep_at_once() -> None:
    waits = Waits("late", "told")
    assert not sleep(waits, LOOK, somebody_there)
    assert (len(waits.waits), waits.was_told) == (2, True)


def test_a_signal_sends_the_daemon_to_work() -> None:
    assert sleep(Waits("late", "signal"), LOOK, somebody_there)


@pytest.mark.parametrize("hours", [0, 13])
def test_nobody_being_there_ends_a_rest_exactly_where_it_ends_the_daemon(
    tmp_path: Path, hours: int
) -> None:
    """Otherwise the two images become each other in turn, for as long as the session is open."""
    paths, transcript = place(tmp_path)
    moment = transcript.stat().st_mtime - hours * 3600
    os.utime(transcript, (moment, moment))
    one, other = claude(1), claude(2)
    said = [came(None), came(one), came(other), went(None), went(one)]
    for records in itertools.product(said, repeat=3):
        for dead in ({one}, {other}, {one, other}, set()):
            stage = Stage(tmp_path, records=list(records), dead=dead, idle=hours * 3600.0)
            stage.supervisor.read_inbox()
            ends = any(state.get("phase") == "stopping" for state in stage.states)
            life = fold(records)
            wakes = (
                life.deserted
                or is_deserted(life, lambda each: each not in dead)  # noqa: B023
                or is_forgotten(life, lambda each: each not in dead, paths, str(transcript))  # noqa: B023
            )
            assert wakes == ends, (records, dead)


def test_every_directory_in_which_a_file_of_the_session_may_change_is_watched(
    tmp_path: Path,
) -> None:
    paths, transcript = place(tmp_path)
    deep = transcript.with_suffix("") / "subagents" / "workflows" / "wf_1"
    deep.mkdir(parents=True)
    (transcript.with_suffix("") / "link").symlink_to(tmp_path)
    watches = Watches([])
    files, announced = look(watches, paths, str(transcript))
    own = [transcript.with_suffix(""), *list(deep.parents)[:2], deep]
    assert watches.watched == {paths.directory, *map(str, [transcript.parent, *own])}
    assert announced
    assert layout.fingerprint(files) == layout.fingerprint(layout.session_files(str(transcript)))


def test_directory_that_appeared_before_its_parent_was_watched_is_looked_at_soon(
    tmp_path: Path,
) -> None:
    paths, transcript = place(tmp_path)
    watches = Watches([transcript.with_suffix("")])
    assert not look(watches, paths, str(transcript))[1]
    assert look(watches, paths, str(transcript))[1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere it looks every second")
@pytest.mark.parametrize("what", WHAT)
def test_nothing_is_missed_between_any_two_lines(what: str, tmp_path: Path) -> None:
    """A signal, the end of the parent, a line, a directory and a record, at each moment."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.daemon.moments", what, str(tmp_path)],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    )
    said = json.loads(done.stdout)
    assert said["missed"] == []
    assert said["moments"] > 100
