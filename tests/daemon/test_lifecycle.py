"""What of a daemon's life is worth an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.daemon.lifecycle import IDLE, Lifecycle
from confab_sync.errors import BackendUnavailable, ConfigError
from confab_sync.presence import marker
from tests.daemon.factories import report, sent

if TYPE_CHECKING:
    from confab_sync.engine.report import CycleReport

DOWN = report(error=BackendUnavailable("down"), backend_session_id="")
NOTHING_YET = report(files=(), backend="", backend_session_id="")


def told(*reports: CycleReport, connection: str = IDLE) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    lifecycle = Lifecycle(lambda event, detail: found.append((event, detail)), connection)
    for each in reports:
        lifecycle.cycle(each)
    return found


def ended(reason: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    Lifecycle(lambda event, detail: found.append((event, detail)), IDLE).end(reason)
    return found


def test_a_daemon_starts_with_the_first_thing_to_send() -> None:
    assert told(NOTHING_YET, NOTHING_YET) == []
    assert told(NOTHING_YET, report(work=sent())) == [("started", ""), ("online", "embedded")]


def test_cycles_as_usual_are_no_events() -> None:
    assert len(told(*[report(work=sent())] * 50)) == 2


def test_a_daemon_that_wakes_from_resting_has_nothing_to_tell() -> None:
    assert told(report(work=sent()), connection="online") == []


def test_a_backend_that_goes_and_comes_back_is_told_once_each_way() -> None:
    events = told(report(), DOWN, DOWN, report(more=True), report(), report())
    assert events[2:] == [("offline", "down"), ("online", "embedded"), ("caught up", "")]


def test_a_connection_that_was_lost_before_resting_is_still_lost() -> None:
    assert told(DOWN, connection="offline") == []
    assert told(report(), connection="offline") == [("online", "embedded"), ("caught up", "")]


def test_what_does_not_pass_by_itself_is_an_error() -> None:
    assert told(report(error=ConfigError("line 3"))) == [("started", ""), ("error", "line 3")]


def test_a_backlog_from_the_start_is_caught_up_once() -> None:
    events = told(report(more=True), report(more=True), report(), report())
    assert events.count(("caught up", "")) == 1


def test_the_end_says_why() -> None:
    assert ended("session ended") == [("ended", "session ended")]
    assert ended(marker.STOPPED) == [("stopped", marker.STOPPED)]
    assert ended("signal 15") == [("stopped", "signal 15")]
    assert ended("ignored: /w") == [("refused", "ignored: /w")]
    assert ended("paused until 2030-01-01T00:00:00Z")[0][0] == "refused"
