"""What the small image does between two looks, and where it asks to be told of changes."""

from __future__ import annotations

from pathlib import Path

from confab_sync.daemon.rest import TOLD, directories, sleep, waits_to_the_next_look
from confab_sync.paths import Paths

SESSION = "11111111-2222-3333-4444-555555555555"


class Waits:
    """Stands for the kernel: each wait ends with the next of these words."""

    def __init__(self, *ends: str) -> None:
        self._ends = list(ends)
        self.was_told = False
        self.waits = 0

    def wait(self) -> bool:
        self.waits += 1
        end = self._ends.pop(0) if self._ends else "late"
        self.was_told = end == "told"
        return end == "signal"


def nobody_left() -> bool:
    return True


def somebody_there() -> bool:
    return False


def test_files_are_left_alone_for_as_many_waits_as_are_allowed() -> None:
    waits = Waits()
    assert not sleep(waits, TOLD, somebody_there)
    assert waits.waits == TOLD


def test_an_announced_change_ends_the_sleep_at_once() -> None:
    waits = Waits("late", "told")
    assert not sleep(waits, TOLD, somebody_there)
    assert (waits.waits, waits.was_told) == (2, True)


def test_a_signal_sends_the_daemon_to_work() -> None:
    assert sleep(Waits("late", "signal"), TOLD, somebody_there)


def test_the_end_of_the_last_parent_is_seen_after_each_wait() -> None:
    waits = Waits()
    assert sleep(waits, TOLD, nobody_left)
    assert waits.waits == 1


def test_every_directory_in_which_a_file_of_the_session_may_change_is_named(tmp_path: Path) -> None:
    paths = Paths({"HOME": str(tmp_path)}).session(SESSION)
    transcript = tmp_path / "projects" / "-p" / f"{SESSION}.jsonl"
    deep = transcript.with_suffix("") / "subagents" / "workflows" / "wf_1"
    deep.mkdir(parents=True)
    (transcript.with_suffix("") / "link").symlink_to(tmp_path)
    named = directories(paths, str(transcript))
    own = [transcript.with_suffix(""), *list(deep.parents)[:2], deep]
    assert sorted(named) == sorted([paths.directory, *map(str, [transcript.parent, *own])])


def test_directory_that_appeared_before_its_parent_was_watched_is_looked_at_soon(
    tmp_path: Path,
) -> None:
    paths = Paths({"HOME": str(tmp_path)}).session(SESSION)
    transcript = tmp_path / "projects" / "-p" / f"{SESSION}.jsonl"
    transcript.parent.mkdir(parents=True)
    watched = {*directories(paths, str(transcript))}
    assert waits_to_the_next_look(watched.issuperset, paths, str(transcript)) == TOLD
    transcript.with_suffix("").mkdir()
    assert waits_to_the_next_look(watched.issuperset, paths, str(transcript)) == 1
