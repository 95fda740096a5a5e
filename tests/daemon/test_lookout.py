"""The lookout lets watchers look when their time has come."""

from __future__ import annotations

import pytest

from confab_sync.daemon.lookout import Lookout
from confab_sync.daemon.messages import FileChanged, InboxChanged, Mailbox, Message, TimerDue
from tests.daemon.factories import Clock


class Counting:
    def __init__(self, period: float, message: Message | None) -> None:
        self.period = period
        self.message = message
        self.looks = 0

    def every(self) -> float:
        return self.period

    def look(self) -> Message | None:
        self.looks += 1
        return self.message


def test_each_looks_at_its_own_pace() -> None:
    clock, often, seldom = Clock(), Counting(1, None), Counting(5, None)
    lookout = Lookout([often, seldom], Mailbox(), clock)
    for _ in range(10):
        clock.advance(lookout.step())
    assert often.looks == 10
    assert seldom.looks == 2


def test_what_they_say_is_posted() -> None:
    mailbox = Mailbox()
    Lookout([Counting(1, FileChanged()), Counting(1, InboxChanged())], mailbox, Clock()).step()
    assert {mailbox.take(0), mailbox.take(0)} == {FileChanged(), InboxChanged()}
    assert mailbox.take(0) == TimerDue()


def test_it_sleeps_until_the_next_is_due() -> None:
    clock = Clock()
    lookout = Lookout([Counting(0.25, None), Counting(5, None)], Mailbox(), clock)
    assert lookout.step() == pytest.approx(0.25)
