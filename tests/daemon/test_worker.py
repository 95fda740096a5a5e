"""The worker does one job at a time and never raises."""

from __future__ import annotations

from pathlib import Path

from confab_sync.daemon.worker import Job
from confab_sync.engine.subject import Subject
from confab_sync.errors import BackendUnavailable
from tests.daemon.factories import FakeSync, claude, report, sent, went, worker_on

SUBJECT = Subject("s", "/p/t.jsonl", "/w")


def test_a_cycle_s_report_comes_back(tmp_path: Path) -> None:
    done = worker_on(FakeSync(report(work=sent())), tmp_path).run(Job(SUBJECT))
    assert done.report.did_something
    assert not done.final
    assert not done.is_last_word


def test_a_mistake_of_ours_is_a_failed_cycle_and_tells_no_content(tmp_path: Path) -> None:
    sync = FakeSync(ValueError("a line of the transcript"))
    done = worker_on(sync, tmp_path).run(Job(SUBJECT))
    assert done.report.error is not None
    assert "ValueError" in str(done.report.error)
    assert "transcript" not in str(done.report.error)


def test_the_end_is_told_after_the_last_chunk_and_only_once(tmp_path: Path) -> None:
    sync = FakeSync(report(work=sent()), report(), report())
    worker = worker_on(sync, tmp_path)
    job = Job(SUBJECT, final=True, end=went(claude(), reason="exit"))
    assert not worker.run(job).is_last_word
    assert sync.ended == []
    assert worker.run(job).is_last_word
    assert worker.run(job).is_last_word
    assert sync.ended == [("2026-02-03T10:00:00Z", {"reason": "exit"})]


def test_a_hurried_end_does_not_wait_for_quiet(tmp_path: Path) -> None:
    sync = FakeSync(report(work=sent()))
    job = Job(SUBJECT, final=True, hurried=True, end=went(claude()))
    assert worker_on(sync, tmp_path).run(job).is_last_word
    assert len(sync.ended) == 1


def test_an_end_that_the_backend_did_not_take_is_told_again(tmp_path: Path) -> None:
    sync = FakeSync(report(), report())
    sync.end_error = BackendUnavailable("locked")
    worker = worker_on(sync, tmp_path)
    job = Job(SUBJECT, final=True, end=went(claude()))
    failed = worker.run(job)
    assert not failed.is_last_word
    assert failed.report.error is sync.end_error
    sync.end_error = None
    assert worker.run(job).is_last_word
    assert len(sync.ended) == 1


def test_an_unfinished_session_is_not_ended(tmp_path: Path) -> None:
    sync = FakeSync(report(error=BackendUnavailable("down")))
    done = worker_on(sync, tmp_path).run(Job(SUBJECT, final=True, hurried=True, end=went(None)))
    assert not done.is_last_word
    assert sync.ended == []
    assert len(sync.settled) == 1


def test_a_new_configuration_is_asked_for_before_the_cycle(tmp_path: Path) -> None:
    sync = FakeSync(report())
    worker_on(sync, tmp_path).run(Job(SUBJECT, reconfigure=True))
    assert sync.reconfigured == 1
