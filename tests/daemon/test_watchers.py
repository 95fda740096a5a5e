"""Each watcher sees its one thing change."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from confab_sync.daemon.messages import ConfigChanged, FileChanged, InboxChanged, ParentGone
from confab_sync.daemon.watchers import ConfigWatcher, FilesWatcher, InboxWatcher, ParentWatcher
from confab_sync.presence import inbox
from confab_sync.process import Identity, identify, this_platform
from tests.daemon.factories import Clock


def test_the_inbox_watcher_sees_growth_once(tmp_path: Path) -> None:
    path = str(tmp_path / "i.jsonl")
    watcher = InboxWatcher(path, seen=0)
    assert watcher.look() is None
    inbox.append(path, {"type": "stop"})
    assert watcher.look() == InboxChanged()
    assert watcher.look() is None


def test_what_was_read_before_is_no_news(tmp_path: Path) -> None:
    path = str(tmp_path / "i.jsonl")
    inbox.append(path, {"type": "stop"})
    assert InboxWatcher(path, seen=inbox.size(path)).look() is None


def test_the_config_watcher_sees_creation_change_and_removal(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    watcher = ConfigWatcher(str(path))
    assert watcher.look() is None
    path.write_text("{}")
    assert watcher.look() == ConfigChanged()
    path.write_text('{"a":1}')
    assert watcher.look() == ConfigChanged()
    path.unlink()
    assert watcher.look() == ConfigChanged()
    assert watcher.look() is None


def test_the_parent_watcher_sees_a_death_once_and_a_zombie_is_dead() -> None:
    processes = this_platform()
    child = subprocess.Popen(["sleep", "600"])
    parent = identify(processes, child.pid)
    assert parent is not None
    parents: frozenset[Identity] = frozenset({parent})
    watcher = ParentWatcher(processes, lambda: parents)
    assert watcher.look() is None
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not reaped
    assert watcher.look() == ParentGone()
    assert watcher.look() is None
    child.wait()


def test_the_files_watcher_says_when_the_fingerprint_changes() -> None:
    values = iter([0, 0, 5, 5, 6])
    watcher = FilesWatcher(lambda: next(values), Clock())
    assert [watcher.look() for _ in range(5)] == [None, None, FileChanged(), None, FileChanged()]


def test_the_files_watcher_takes_a_fiftieth_of_the_time_at_most() -> None:
    clock = Clock()

    def slow() -> int:
        clock.advance(0.2)
        return 1

    watcher = FilesWatcher(slow, clock)
    watcher.look()
    assert watcher.every() >= 50 * 0.2 - 1e-6
