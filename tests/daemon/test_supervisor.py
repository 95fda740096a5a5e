"""The supervisor's decisions, by posting messages and moving a clock."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from confab_sync.daemon.messages import (
    ConfigChanged,
    FileChanged,
    InboxChanged,
    ParentGone,
    Signalled,
    TimerDue,
)
from confab_sync.daemon.settings import Settings
from confab_sync.daemon.surroundings import Outcome
from confab_sync.engine.report import FileReport
from confab_sync.errors import BackendUnavailable, SessionGone
from confab_sync.presence import inbox, marker
from confab_sync.presence.session import NUDGE
from confab_sync.process import signals
from tests.daemon.factories import Stage, came, claude, report, sent, went

if TYPE_CHECKING:
    from confab_sync.daemon.messages import Message
    from confab_sync.presence.inbox import Record

MakeStage = Callable[..., Stage]


@pytest.fixture
def stage(tmp_path: Path) -> MakeStage:
    def make(*records: Record, **fields: Any) -> Stage:
        return Stage(tmp_path, records=list(records), **fields)

    return make


def synced(stage: Stage) -> Stage:
    """After its first cycle, with nothing left to do."""
    stage.supervisor.handle(TimerDue())
    assert stage.done() is None
    return stage


def test_the_first_cycle_runs_at_once(stage: MakeStage) -> None:
    here = stage(came(claude()))
    here.supervisor.handle(TimerDue())
    (job,) = here.worker.jobs
    assert not job.final
    assert job.subject.transcript_path == "/p/t.jsonl"


def test_a_hint_makes_a_cycle_after_the_debounce(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.clock.advance(1)
    here.supervisor.handle(FileChanged())
    assert len(here.worker.jobs) == 1
    here.clock.advance(0.06)
    here.supervisor.handle(TimerDue())
    assert len(here.worker.jobs) == 2


def test_a_hint_during_a_cycle_is_not_forgotten(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.clock.advance(1)
    here.supervisor.handle(FileChanged())
    here.clock.advance(0.1)
    here.supervisor.handle(TimerDue())
    here.done(report(work=sent()))
    here.supervisor.handle(FileChanged())
    here.clock.advance(1)
    here.supervisor.handle(TimerDue())
    assert len(here.worker.jobs) == 3


def test_the_timer_makes_a_cycle_without_any_hint(stage: MakeStage) -> None:
    here = synced(stage(came(claude()), settings=Settings(rest_after=3600)))
    assert 24.9 <= here.supervisor.patience() <= 35
    here.clock.advance(35.1)
    here.supervisor.handle(TimerDue())
    assert len(here.worker.jobs) == 2


def test_more_to_send_goes_on_at_once(stage: MakeStage) -> None:
    here = stage(came(claude()))
    here.supervisor.handle(TimerDue())
    here.done(report(work=sent(), more=True))
    assert len(here.worker.jobs) == 2


def test_a_failure_is_retried_later_and_later(stage: MakeStage) -> None:
    here = stage(came(claude()))
    here.supervisor.handle(TimerDue())
    waits = []
    for _ in range(4):
        here.done(report(error=BackendUnavailable("locked")))
        waits.append(here.supervisor.patience())
        here.clock.advance(waits[-1])
        here.supervisor.handle(TimerDue())
    assert all(later > earlier for earlier, later in pairwise(waits))
    assert here.states[-1]["connection"] == "offline"
    assert here.states[-1]["last_error"] == "locked"


def test_a_hint_does_not_shorten_a_retry(stage: MakeStage) -> None:
    here = stage(came(claude()))
    here.supervisor.handle(TimerDue())
    here.done(report(error=BackendUnavailable("locked")))
    wait = here.supervisor.patience()
    here.supervisor.handle(FileChanged())
    assert here.supervisor.patience() == wait


def test_a_new_configuration_is_tried_at_once(stage: MakeStage) -> None:
    here = stage(came(claude()), settings=Settings(rest_after=1e9))
    here.supervisor.handle(TimerDue())
    here.done(report(error=BackendUnavailable("locked")))
    here.config_changed = True
    here.supervisor.handle(ConfigChanged())
    assert here.worker.jobs[-1].reconfigure
    here.done()
    here.clock.advance(36)
    here.supervisor.handle(TimerDue())
    assert not here.worker.jobs[-1].reconfigure


def test_a_new_configuration_holds_for_the_next_cycle_before_it_is_announced(
    stage: MakeStage,
) -> None:
    here = synced(stage(came(claude())))
    here.config_changed = True
    here.supervisor.handle(FileChanged())
    here.clock.advance(1)
    here.supervisor.handle(TimerDue())
    assert here.worker.jobs[-1].reconfigure


@pytest.mark.parametrize("message", [ConfigChanged(), Signalled(NUDGE), InboxChanged()])
@pytest.mark.parametrize("busy", [True, False])
def test_a_refused_session_is_left_at_once_without_a_final_cycle(
    stage: MakeStage, message: Message, busy: bool
) -> None:
    here = stage(came(claude()))
    here.supervisor.handle(TimerDue())
    if not busy:
        here.done()
    here.refusal = "ignored: /w"
    outcome = here.supervisor.handle(message)
    assert outcome == Outcome(rest=False, reason="ignored: /w")
    assert len(here.worker.jobs) == 1


def test_it_is_asked_before_each_cycle(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.clock.advance(36)
    here.refusal = "paused"
    outcome = here.supervisor.handle(TimerDue())
    assert outcome == Outcome(rest=False, reason="paused")
    assert len(here.worker.jobs) == 1


def test_a_session_that_is_refused_from_the_start_gets_no_cycle(stage: MakeStage) -> None:
    here = stage(came(claude()), refusal="paused")
    assert here.supervisor.handle(TimerDue()) == Outcome(rest=False, reason="paused")
    assert here.worker.jobs == []


def test_a_session_that_ends_while_it_is_refused_is_not_ended_at_the_backend(
    stage: MakeStage,
) -> None:
    here = synced(stage(came(claude())))
    here.records.append(went(claude()))
    here.supervisor.handle(InboxChanged())
    here.done()
    here.clock.advance(5)
    here.refusal = "paused"
    assert here.supervisor.handle(TimerDue()) == Outcome(rest=False, reason="paused")
    assert not any(job.final for job in here.worker.jobs)


def test_the_end_waits_for_quiet_then_sends_the_rest_then_leaves(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.records.append(went(claude()))
    assert here.supervisor.handle(InboxChanged()) is None
    assert here.phase == "stopping"
    assert not here.worker.jobs[-1].final
    here.done()
    here.clock.advance(2.9)
    here.supervisor.handle(TimerDue())
    assert not here.worker.jobs[-1].final
    if here.worker.busy:
        here.done()
    here.clock.advance(0.2)
    here.supervisor.handle(TimerDue())
    final = here.worker.jobs[-1]
    assert final.final
    assert final.end == here.records[-1]
    outcome = here.done()
    assert not outcome.rest
    assert outcome.reason == "session ended"


def test_a_line_during_the_quiet_prolongs_it(stage: MakeStage) -> None:
    here = synced(stage(came(claude()), went(claude())))
    here.clock.advance(2)
    here.supervisor.handle(FileChanged())
    here.clock.advance(0.5)
    here.supervisor.handle(TimerDue())
    here.done(report(work=sent(), fingerprint=2))
    here.clock.advance(2.9)
    here.supervisor.handle(TimerDue())
    assert not here.worker.jobs[-1].final


def test_lines_in_the_final_cycle_itself_make_another_one(stage: MakeStage) -> None:
    here = synced(stage(came(claude()), went(claude())))
    here.clock.advance(3.1)
    here.supervisor.handle(TimerDue())
    assert here.worker.jobs[-1].final
    assert here.done(report(work=sent(), fingerprint=2)) is None
    here.clock.advance(3.1)
    here.supervisor.handle(TimerDue())
    assert here.worker.jobs[-1].final
    assert here.done(report(fingerprint=2)) is not None


def test_the_end_of_one_of_two_clients_is_not_the_end(stage: MakeStage) -> None:
    here = synced(stage(came(claude(7)), came(claude(8))))
    here.records.append(went(claude(7)))
    here.supervisor.handle(InboxChanged())
    assert here.phase != "stopping"
    here.records.append(went(claude(8)))
    here.supervisor.handle(InboxChanged())
    assert here.phase == "stopping"


def test_one_client_may_end_a_session_and_live_on(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.records.append(went(claude(), reason="clear"))
    here.supervisor.handle(InboxChanged())
    assert here.phase == "stopping"


def test_somebody_who_comes_back_ends_the_stopping(stage: MakeStage) -> None:
    here = synced(stage(came(claude()), went(claude())))
    assert here.phase == "stopping"
    here.records.append(came(claude(8)))
    assert here.supervisor.handle(InboxChanged()) is None
    assert here.phase == "syncing"
    here.clock.advance(40)
    assert here.supervisor.handle(TimerDue()) is None


def test_killed_clients_end_the_session_too(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.dead.add(claude())
    here.supervisor.handle(ParentGone())
    assert here.phase == "stopping"
    assert "Claude Code is gone" in here.log


def test_without_a_known_parent_only_the_end_ends(stage: MakeStage) -> None:
    here = synced(stage(came(None)))
    here.clock.advance(3600)
    here.supervisor.handle(TimerDue())
    assert here.phase != "stopping"
    here.records.append(went(None))
    here.supervisor.handle(InboxChanged())
    assert here.phase == "stopping"


def test_without_a_known_parent_half_an_idle_day_ends(stage: MakeStage) -> None:
    here = synced(stage(came(None)))
    here.supervisor.handle(TimerDue())
    assert here.phase != "stopping"
    here.idle = 13 * 3600
    here.supervisor.handle(TimerDue())
    assert here.phase == "stopping"


def test_a_plain_signal_stops_without_waiting_for_quiet(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.supervisor.handle(Signalled(signals.SIGTERM))
    assert here.worker.jobs[-1].final
    assert here.worker.jobs[-1].end is None
    outcome = here.done(report(work=sent(), fingerprint=2))
    assert outcome is not None
    assert not outcome.rest


def test_a_nudge_only_looks(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.clock.advance(1)
    assert here.supervisor.handle(Signalled(NUDGE)) is None
    here.clock.advance(0.1)
    here.supervisor.handle(TimerDue())
    assert here.phase == "syncing"
    assert len(here.worker.jobs) == 2


def test_the_signal_after_a_foreign_end_is_no_second_stop(stage: MakeStage) -> None:
    here = synced(stage(came(claude(7)), came(claude(8))))
    here.records.append(went(None))  # the Go CLI names nobody, and two are here
    here.supervisor.handle(InboxChanged())
    here.supervisor.handle(Signalled(signals.SIGTERM))
    assert here.phase == "syncing"
    here.clock.advance(11)
    here.supervisor.handle(Signalled(signals.SIGTERM))
    assert here.phase == "stopping"


def test_signals_that_arrive_with_the_end_do_not_shorten_the_quiet(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.records.append(went(claude()))
    here.supervisor.handle(InboxChanged())
    here.records.append({"type": inbox.MOVED, "transcript_path": "/p/t.jsonl"})
    here.supervisor.handle(Signalled(signals.SIGTERM))
    assert not any(job.final for job in here.worker.jobs)


@pytest.mark.parametrize("number", [signals.SIGTERM, signals.SIGHUP])
def test_only_the_user_cuts_the_final_sync_short(stage: MakeStage, number: int) -> None:
    here = synced(stage(came(claude())))
    here.supervisor.handle(Signalled(number))
    assert here.supervisor.handle(Signalled(number)) is None
    assert here.supervisor.handle(Signalled(signals.SIGINT)) is not None


def test_a_first_interrupt_after_the_end_only_ends_the_quiet(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.records.append(went(claude()))
    here.supervisor.handle(InboxChanged())
    here.done()
    assert here.supervisor.handle(Signalled(signals.SIGINT)) is None
    assert here.worker.jobs[-1].final
    assert here.supervisor.handle(Signalled(signals.SIGINT)) is not None


def test_a_repeated_stop_request_cuts_the_final_sync_short(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.records.append({"type": inbox.STOP})
    assert here.supervisor.handle(InboxChanged()) is None
    assert here.worker.jobs[-1].final
    here.records.append({"type": inbox.STOP})
    assert here.supervisor.handle(InboxChanged()) is not None


def test_a_stop_by_the_user_is_not_undone_by_a_living_client(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.records.append({"type": inbox.STOP})
    here.supervisor.handle(InboxChanged())
    here.supervisor.handle(TimerDue())
    assert here.phase == "stopping"


def test_the_budget_ends_a_final_sync_that_fails(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.supervisor.handle(Signalled(signals.SIGTERM))
    passed, outcome = 0.0, None
    while outcome is None:
        if here.worker.busy:
            outcome = here.done(report(error=BackendUnavailable("down")))
        else:
            wait = here.supervisor.patience()
            assert wait > 0
            here.clock.advance(wait)
            passed += wait
            outcome = here.supervisor.handle(TimerDue())
    assert 29 <= passed <= 31
    assert len([job for job in here.worker.jobs if job.final]) > 3


def test_a_backend_that_wants_more_time_than_is_left_is_not_waited_for(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.supervisor.handle(Signalled(signals.SIGTERM))
    assert here.done(report(error=BackendUnavailable("later", retry_after=20.0))) is None
    here.clock.advance(11)
    here.supervisor.handle(TimerDue())
    assert here.done(report(error=BackendUnavailable("later", retry_after=20.0))) is not None


def test_the_budget_ends_a_final_sync_that_hangs(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.supervisor.handle(Signalled(signals.SIGTERM))
    assert here.supervisor.patience() == pytest.approx(30)
    here.clock.advance(30)
    assert here.supervisor.handle(TimerDue()) is not None


def test_three_cycles_without_the_session_end_the_daemon_for_good(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    outcome = None
    for _ in range(3):
        here.clock.advance(60)
        here.supervisor.handle(TimerDue())
        outcome = here.done(report(error=SessionGone("no such session")))
    assert here.kept_off == [marker.DELETED]
    assert outcome is not None


def test_two_are_not_enough(stage: MakeStage) -> None:
    here = synced(stage(came(claude()), settings=Settings(rest_after=1e9)))
    for error in (SessionGone("x"), SessionGone("x"), None, SessionGone("x")):
        here.clock.advance(60)
        here.supervisor.handle(TimerDue())
        assert here.done(report(error=error)) is None
    assert here.kept_off == []


def test_quiet_for_a_minute_means_rest(stage: MakeStage) -> None:
    here = synced(stage(came(claude()), settings=Settings(interval=3600, jitter=0)))
    here.clock.advance(59)
    assert here.supervisor.handle(TimerDue()) is None
    here.clock.advance(2)
    outcome = here.supervisor.handle(TimerDue())
    assert outcome is not None
    assert outcome.rest
    assert outcome.fingerprint == 1


def test_no_rest_while_something_is_not_acknowledged(stage: MakeStage) -> None:
    here = stage(came(claude()), settings=Settings(interval=3600, jitter=0))
    here.supervisor.handle(TimerDue())
    here.done(report(error=BackendUnavailable("down")))
    for _ in range(20):
        here.clock.advance(61)
        if here.worker.busy:
            assert here.done(report(error=BackendUnavailable("down"))) is None
        assert here.supervisor.handle(TimerDue()) is None


def test_no_rest_while_a_file_could_not_be_read(stage: MakeStage) -> None:
    here = stage(came(claude()), settings=Settings(interval=3600, jitter=0))
    unread = FileReport("t.jsonl", "transcript", 3, 30, 5, "cannot be read", is_unread=True)
    here.supervisor.handle(TimerDue())
    here.done(report(files=(unread,)))
    here.clock.advance(61)
    assert here.supervisor.handle(TimerDue()) is None


def test_without_a_transcript_it_waits_and_rests_soon(stage: MakeStage) -> None:
    here = stage(came(claude()))
    here.supervisor.handle(TimerDue())
    here.done(report(files=(), fingerprint=0))
    assert here.phase == "waiting"
    here.clock.advance(10.1)
    outcome = here.supervisor.handle(TimerDue())
    assert outcome is not None
    assert outcome.rest
    assert outcome.fingerprint == 0


def test_a_moved_transcript_goes_on_record_once(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.clock.advance(60)
    here.supervisor.handle(FileChanged())
    here.clock.advance(1)
    here.supervisor.handle(TimerDue())
    here.done(report(transcript_path="/q/t.jsonl"))
    assert here.moves == ["/q/t.jsonl"]
    assert here.supervisor.transcript_path() == "/q/t.jsonl"


def test_an_unreadable_inbox_does_not_end_the_daemon(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))

    def broken() -> tuple[list[Record], int]:
        raise OSError(5, "Input/output error")

    object.__setattr__(here.supervisor._around, "read_inbox", broken)
    assert here.supervisor.handle(InboxChanged()) is None
    assert "inbox_unreadable" in here.log


def test_an_idle_supervisor_writes_no_state(stage: MakeStage) -> None:
    here = synced(stage(came(claude()), settings=Settings(rest_after=1e9)))
    written = len(here.states)
    for _ in range(5):
        here.clock.advance(40)
        here.supervisor.handle(TimerDue())
        here.done()
    assert len(here.states) == written


def test_no_job_is_given_to_an_image_whose_package_was_replaced(stage: MakeStage) -> None:
    here = stage(came(claude()), is_current=False)
    outcome = here.supervisor.handle(TimerDue())
    assert here.worker.jobs == []
    assert outcome is not None
    assert outcome.renew
    assert not outcome.rest
    assert outcome.signal == 0


def test_a_signal_that_was_not_obeyed_to_the_end_is_handed_on(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.is_current = False
    outcome = here.supervisor.handle(Signalled(signals.SIGHUP))
    assert outcome is not None
    assert outcome.renew
    assert outcome.signal == signals.SIGHUP


def test_a_replaced_package_does_not_keep_a_daemon_that_is_done(stage: MakeStage) -> None:
    here = synced(stage(came(claude())))
    here.supervisor.handle(Signalled(signals.SIGTERM))
    here.is_current = False
    outcome = here.done()
    assert outcome is not None
    assert not outcome.renew
