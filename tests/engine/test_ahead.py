"""The next batch is made while the last one is sent, and is used only where it follows."""

from __future__ import annotations

import threading

import pytest

from confab_sync.aside import Aside
from confab_sync.engine import ahead as module
from confab_sync.engine.ahead import Ahead, Ready
from confab_sync.engine.position import NO_EVIDENCE, START, Evidence, Position


class Reads:
    """Stands for the reading of a file: notes from where, and in which thread."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[int, str]] = []
        self._error = error

    def __call__(self, position: Position, evidence: Evidence) -> Ready | None:
        self.asked.append((position.offset, threading.current_thread().name))
        if self._error is not None:
            raise self._error
        return None


def test_what_was_begun_is_not_read_again() -> None:
    reads = Reads()
    with Ahead(reads) as ahead:
        ahead.begin(START, NO_EVIDENCE)
        assert ahead.take(START, NO_EVIDENCE) is None
        ahead.take(START, NO_EVIDENCE)
    assert reads.asked == [(0, "ahead"), (0, threading.current_thread().name)]


def test_what_went_wrong_ahead_is_told_when_it_is_asked_for() -> None:
    with Ahead(Reads(OSError("gone"))) as ahead:
        ahead.begin(START, NO_EVIDENCE)
        with pytest.raises(OSError, match="gone"):
            ahead.take(START, NO_EVIDENCE)


def test_nobody_reads_any_more_when_the_block_has_ended() -> None:
    let_go = threading.Event()

    def read(position: Position, evidence: Evidence) -> None:
        assert let_go.wait(60)

    with Ahead(read) as ahead:
        ahead.begin(START, NO_EVIDENCE)
        threading.Timer(0, let_go.set).start()
    assert "ahead" not in [thread.name for thread in threading.enumerate()]


def test_without_another_thread_it_is_read_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_left(*_: object) -> Aside[object]:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(module, "Aside", none_left)
    reads = Reads()
    with Ahead(reads) as ahead:
        ahead.begin(START, NO_EVIDENCE)
        ahead.take(START, NO_EVIDENCE)
    assert len(reads.asked) == 1
