"""The end of real processes, announced to whoever waits, and what happens where it is not."""

from __future__ import annotations

import errno
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from confab_sync.daemon.parent_ends import ParentEnds
from confab_sync.process import Identity, identify, this_platform
from tests.processes import FakeProcesses

if TYPE_CHECKING:
    from confab_sync.process import Processes

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="pidfd_open is Linux's"
)

WHILE_IT_WORKS = 30_000
"""Milliseconds that an announcement may take, if it comes at all."""


@contextmanager
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["sleep", "600"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def known(process: subprocess.Popen[bytes]) -> Identity:
    found = identify(this_platform(), process.pid)
    assert found is not None
    return found


def ends_of(poll: select.poll, processes: Processes | None = None) -> ParentEnds:
    return ParentEnds(poll, processes or this_platform(), os.pidfd_open)


def test_end_of_a_process_is_announced_once() -> None:
    poll = select.poll()
    ends = ends_of(poll)
    with sleeper() as process:
        parent = known(process)
        assert ends.attend({parent})
        assert ends.announces(parent)
        assert poll.poll(0) == []
    ends.take([descriptor for descriptor, _ in poll.poll(WHILE_IT_WORKS)])
    assert not ends.announces(parent)
    assert ends.attend({parent}), "there is nothing left to look for"
    assert poll.poll(0) == []


def test_end_of_a_zombie_is_announced_before_anybody_has_reaped_it() -> None:
    poll = select.poll()
    ends = ends_of(poll)
    with sleeper() as process:
        ends.attend({known(process)})
        process.kill()
        assert len(poll.poll(WHILE_IT_WORKS)) == 1


def test_each_of_several_is_announced_by_itself() -> None:
    poll = select.poll()
    ends = ends_of(poll)
    with sleeper() as longer:
        with sleeper() as shorter:
            both = {known(longer), known(shorter)}
            ends.attend(both)
        ends.take([descriptor for descriptor, _ in poll.poll(WHILE_IT_WORKS)])
        assert [ends.announces(each) for each in both].count(True) == 1
        assert ends.announces(known(longer))
        assert poll.poll(0) == []


def test_stranger_with_the_pid_of_a_parent_is_not_attended() -> None:
    poll = select.poll()
    with sleeper() as process:
        real = known(process)
        former = Identity(real.pid, "1", real.boot, real.namespace)
        ends = ends_of(poll)
        before = len(os.listdir("/dev/fd"))
        assert ends.attend({former}), "the parent is gone: nothing is left to look for"
        assert not ends.announces(former)
        assert len(os.listdir("/dev/fd")) == before
    assert poll.poll(0) == []


def test_who_is_no_longer_a_parent_is_let_go() -> None:
    poll = select.poll()
    ends = ends_of(poll)
    before = len(os.listdir("/dev/fd"))
    with sleeper() as process:
        for _ in range(9):
            ends.attend({known(process)})
            ends.attend(())
    assert len(os.listdir("/dev/fd")) == before
    assert poll.poll(0) == []


@pytest.mark.parametrize("reason", [errno.ENOSYS, errno.EPERM, errno.EMFILE])
def test_where_the_kernel_refuses_the_living_have_to_be_looked_at(reason: int) -> None:
    def refuse(pid: int) -> int:
        raise OSError(reason, os.strerror(reason))

    ends = ParentEnds(select.poll(), this_platform(), refuse)
    with sleeper() as process:
        parent = known(process)
        assert not ends.attend({parent})
        assert not ends.announces(parent)
    assert ends.attend({parent}), "the dead have not"


def test_where_there_is_no_such_descriptor_the_living_have_to_be_looked_at() -> None:
    ends = ParentEnds(select.poll(), this_platform(), None)
    with sleeper() as process:
        assert not ends.attend({known(process)})


def test_nothing_is_looked_for_where_nothing_can_be_seen() -> None:
    """A container that shares the home directory has pids of its own, which are others here."""
    processes = FakeProcesses(boot="this boot", namespace="pid:[1]")
    ends = ends_of(select.poll(), processes)
    elsewhere = Identity(os.getpid(), "100", "this boot", "pid:[2]")
    before = Identity(os.getpid(), "100", "another boot", "pid:[1]")
    assert ends.attend({elsewhere, before})
    assert not ends.announces(elsewhere)
    assert not ends.announces(before)


def test_kernel_that_announces_the_end_of_the_living_is_not_asked_again() -> None:
    poll = select.poll()
    with sleeper() as process, sleeper() as other:
        ends = ParentEnds(poll, this_platform(), lambda pid: os.pidfd_open(other.pid))
        parent = known(process)
        assert ends.attend({parent})
        other.kill()
        ends.take([descriptor for descriptor, _ in poll.poll(WHILE_IT_WORKS)])
        assert not ends.attend({parent})
        assert poll.poll(0) == []
