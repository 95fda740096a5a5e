"""Each watcher sees its one thing change."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from confab_sync.daemon.messages import ConfigChanged, FileChanged, InboxChanged, ParentGone
from confab_sync.daemon.watchers import ConfigWatcher, FilesWatcher, InboxWatcher, ParentWatcher
from confab_sync.presence import inbox
from confab_sync.process import Identity, identify, this_platform
from tests.daemon.factories import Clock

if TYPE_CHECKING:
    from confab_sync.process import Processes, Sight


class Watched:
    """The real processes, and which of them were looked at."""

    def __init__(self, inner: Processes) -> None:
        self.boot = inner.boot
        self.namespace = inner.namespace
        self.executable = inner.executable
        self.arguments = inner.arguments
        self.looked_at: list[int] = []
        self._inner = inner

    def look(self, pid: int) -> Sight | None:
        self.looked_at.append(pid)
        return self._inner.look(pid)


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


@contextmanager
def sleeper() -> Iterator[tuple[subprocess.Popen[bytes], Identity]]:
    child = subprocess.Popen(["sleep", "600"])
    try:
        parent = identify(this_platform(), child.pid)
        assert parent is not None
        yield child, parent
    finally:
        child.kill()
        child.wait()


def end(child: subprocess.Popen[bytes]) -> None:
    """Dead, and not reaped: as a shell leaves it for a moment."""
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="no ends are announced here")
def test_the_parent_watcher_hears_of_an_end_at_its_next_look_without_looking_at_processes() -> None:
    processes = Watched(this_platform())
    with sleeper() as (child, parent):
        watcher = ParentWatcher(processes, lambda: frozenset({parent}), Clock())
        assert watcher.every() <= 0.25
        assert watcher.look() is None
        processes.looked_at.clear()
        assert [watcher.look() for _ in range(9)] == [None] * 9
        assert processes.looked_at == []
        end(child)
        assert watcher.look() == ParentGone()
        assert watcher.look() is None


def test_the_parent_watcher_looks_every_five_seconds_where_no_end_is_announced() -> None:
    clock = Clock()
    processes = Watched(this_platform())
    with sleeper() as (child, parent):
        watcher = ParentWatcher(processes, lambda: frozenset({parent}), clock, open_pidfd=None)
        assert watcher.look() is None
        end(child)
        processes.looked_at.clear()
        clock.advance(4.9)
        assert watcher.look() is None
        assert processes.looked_at == []
        clock.advance(0.2)
        assert watcher.look() == ParentGone()


def test_the_parent_watcher_looks_at_once_at_who_has_come() -> None:
    parents: frozenset[Identity] = frozenset()
    watcher = ParentWatcher(this_platform(), lambda: parents, Clock())
    assert watcher.look() is None
    with sleeper() as (child, parent):
        end(child)
        parents = frozenset({parent})
        assert watcher.look() == ParentGone()


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
