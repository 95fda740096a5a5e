"""A living daemon has the others' sessions finished when that is due, or when it may be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.daemon.finisher_watch import FinisherWatcher
from confab_sync.paths import FinisherPaths
from confab_sync.presence import due, lock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("moment", "failures", "online", "starts"),
    [
        (NOW - 1, 0, False, True),
        (NOW + 60, 0, True, False),
        (NOW + 60, 3, False, False),
        (NOW + 60, 3, True, True),
    ],
)
def test_it_starts_the_finisher_when_due_or_when_the_backend_is_back(
    tmp_path: Path, moment: float, failures: int, online: bool, starts: bool
) -> None:
    paths = FinisherPaths(str(tmp_path))
    due.put_off(paths.due, moment, failures)
    started: list[Mapping[str, str]] = []
    watcher = FinisherWatcher(paths, {}, lambda: online, clock=lambda: NOW, spawn=started.append)
    assert watcher.look() is None
    assert bool(started) == starts


def test_it_leaves_a_finisher_that_runs_alone(tmp_path: Path) -> None:
    paths = FinisherPaths(str(tmp_path))
    taken = lock.take(paths.lock)
    assert taken is not None
    started: list[Mapping[str, str]] = []
    FinisherWatcher(paths, {}, lambda: True, clock=lambda: NOW, spawn=started.append).look()
    os.close(taken)
    assert started == []


def test_process_that_cannot_be_started_is_tried_again_another_time(tmp_path: Path) -> None:
    def fail(environ: Mapping[str, str]) -> None:
        raise OSError("no more processes")

    watcher = FinisherWatcher(FinisherPaths(str(tmp_path)), {}, lambda: True, spawn=fail)
    assert watcher.look() is None
    assert watcher.every() == 60.0


def test_what_waits_for_another_backend_is_tried_ever_less_often(tmp_path: Path) -> None:
    paths, now, started = FinisherPaths(str(tmp_path)), NOW, list[float]()
    watcher = FinisherWatcher(
        paths, {}, lambda: True, clock=lambda: now, spawn=lambda _: started.append(now - NOW)
    )
    for _ in range(4 * 60):
        due.put_off(paths.due, now + 7200, 9)  # it has failed again
        watcher.look()
        now += watcher.every()
    assert started == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10980]
    due.put_off(paths.due, now + 7200, 0)
    watcher.look()
    now += 7200
    for failures in (1, 2):
        due.put_off(paths.due, now + 7200, failures)
        watcher.look()
        now += 60
    assert [moment + NOW for moment in started[-2:]] == [now - 120, now - 60]
