"""What runs aside comes back as if it had been called, whatever came of it."""

from __future__ import annotations

import threading

import pytest

from confab_sync.aside import Aside


def test_function_runs_in_another_thread() -> None:
    assert Aside(threading.current_thread, "other").result().name == "other"


def test_what_went_wrong_is_raised_where_the_result_is_asked_for() -> None:
    def fail() -> None:
        raise ValueError("aside")

    aside = Aside(fail, "failing")
    aside.wait()
    with pytest.raises(ValueError, match="aside"):
        aside.result()


def test_no_thread_to_be_had_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError(f"can't start {thread.name}")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="can't start one more"):
        Aside(int, "one more")
