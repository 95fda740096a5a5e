"""Writers queue for a bounded time."""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import StoreError, StoreUnavailable
from confab_sync.store.lock import WriteLock

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Time:
    """Time that passes only by sleeping; `during` runs in the middle of every sleep."""

    def __init__(self, during: Callable[[int], object] = lambda _: None) -> None:
        self.now = 100.0
        self.sleeps = itertools.count(1)
        self.during = during

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.during(next(self.sleeps))


def a_lock(directory: Path, time: Time, timeout: float = 20) -> WriteLock:
    path = str(directory / "lock")
    return WriteLock(path, timeout=timeout, monotonic=time.monotonic, sleep=time.sleep)


def test_waiting_ends_when_the_other_lets_go(tmp_path: Path) -> None:
    first = a_lock(tmp_path, Time())
    holding = first.held()
    holding.__enter__()
    time = Time(lambda n: holding.__exit__(None, None, None) if n == 3 else None)
    second = a_lock(tmp_path, time)
    with second.held():
        assert next(time.sleeps) == 4
    first.close()
    second.close()


def test_waiting_ends_at_the_deadline(tmp_path: Path) -> None:
    first, time = a_lock(tmp_path, Time()), Time()
    second = a_lock(tmp_path, time, timeout=20)
    with first.held(), pytest.raises(StoreUnavailable, match="for 20 seconds"), second.held():
        pass
    assert time.now == pytest.approx(120)
    first.close()
    second.close()


def test_lock_is_let_go_after_an_error(tmp_path: Path) -> None:
    lock = a_lock(tmp_path, Time())
    with pytest.raises(ZeroDivisionError), lock.held():
        1 / 0  # noqa: B018
    other = a_lock(tmp_path, Time())
    with other.held(timeout=0):
        pass
    lock.close()
    other.close()


def test_closed_lock_says_so(tmp_path: Path) -> None:
    lock = a_lock(tmp_path, Time())
    lock.close()
    lock.close()
    with pytest.raises(StoreError, match="closed"), lock.held():
        pass


def test_lock_file_is_private_and_stays_out_of_children(tmp_path: Path) -> None:
    import os

    lock = a_lock(tmp_path, Time())
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600
    assert not os.get_inheritable(lock._file)
    lock.close()


def test_a_hold_that_ends_after_the_lock_was_given_back_is_no_error(tmp_path: Path) -> None:
    """As after Ctrl-C between taking the lock and entering the block."""
    lock = a_lock(tmp_path, Time())
    holding = lock.held()
    holding.__enter__()
    lock.close()
    holding.__exit__(None, None, None)
    with closing(a_lock(tmp_path, Time())) as other, other.held():
        pass
