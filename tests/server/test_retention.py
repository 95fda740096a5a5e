"""Old sessions go a few at a time, and neither trouble nor a stop hurts anybody."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confab_sync.errors import StoreUnavailable
from confab_sync.server.retention import AT_ONCE, Pauses, Retention
from integration.waiting import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def running(remove: Callable[[int], int] | None) -> Iterator[list[str]]:
    said: list[str] = []
    keeper = Retention(remove, said.append, Pauses(0.01, 0.01, 0.01))
    keeper.start()
    try:
        yield said
    finally:
        keeper.close()


def test_many_go_in_small_portions_and_are_told_once() -> None:
    left = 2 * AT_ONCE + 3
    portions = []

    def remove(at_most: int) -> int:
        nonlocal left
        now = min(left, at_most)
        left -= now
        portions.append(now)
        return now

    with running(remove) as said:
        until(lambda: said, "it is told")
    assert portions[:3] == [AT_ONCE, AT_ONCE, 3]
    assert said == [f"Removed {2 * AT_ONCE + 3} old sessions."]


def test_trouble_is_over_with_the_next_look() -> None:
    answers: Iterator[int | Exception] = iter([StoreUnavailable("busy"), ValueError("odd"), 1])

    def remove(_: int) -> int:
        answer = next(answers, 0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with running(remove) as said:
        until(lambda: said, "it is told")
    assert said == ["Removed 1 old session."]


def test_without_an_age_nothing_runs() -> None:
    with running(None) as said:
        assert all(thread.name != "retention" for thread in threading.enumerate())
    assert said == []


def test_a_stop_ends_the_thread() -> None:
    with running(lambda _: 0):
        pass
    assert all(thread.name != "retention" for thread in threading.enumerate())
