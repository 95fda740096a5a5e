"""A session at its backend: when it is asked for, when it is in doubt, what it hears of ends."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine.known import OwedEnd
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.errors import BackendRefused, BackendUnavailable, ConfigError, SessionGone
from confab_sync.store.store import Store
from tests.engine.factories import MAIN, META, NOW, SESSION, Bench, now, registered

if TYPE_CHECKING:
    from confab_sync.backends.protocol import Backend


LINE = b'{"type":"user","timestamp":"2026-03-01T10:00:00Z","message":{"content":"yes"}}\n'


def test_requests_are_counted_cycle_by_cycle_even_of_one_that_fails(bench: Bench) -> None:
    bench.append(LINE)
    assert bench.cycle().work.requests == 2  # the session is opened, the line sent
    bench.append(LINE)
    bench.fault.after.append(BackendUnavailable("lost"))
    failed = bench.cycle()
    assert (failed.error is not None, failed.work.requests) == (True, 1)
    assert bench.cycle().work.requests == 1  # asked, and the line turns out to be there


def test_refused_session_is_the_cycles_error(bench: Bench) -> None:
    bench.write(b"one\n")
    report = bench.sync.cycle(Subject("x" * 600, str(bench.transcript), ""))
    assert isinstance(report.error, BackendRefused)


def test_unusable_configuration_is_reported_and_asked_for_again(bench: Bench) -> None:
    errors = [ConfigError("config.json is wrong")]

    def open_backend() -> Backend:
        if errors:
            raise errors.pop()
        return bench.backend

    bench.write(b"one\n")
    sync = SessionSync(ClaudeCode(), open_backend, bench.ledger)
    subject = Subject(SESSION, str(bench.transcript), "")
    report = sync.cycle(subject)
    assert (str(report.error), report.backend, report.behind) == ("config.json is wrong", "", 4)
    assert sync.cycle(subject).behind == 0


def test_deleted_session_is_reported_and_not_created_again(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle()
    with Store.open(bench.store_path, clock=now) as store:
        store.delete_session(store.find_session(SESSION).session_id)
    bench.append(b"two\n")
    for _ in range(3):
        report = bench.cycle()
        assert isinstance(report.error, SessionGone)
        assert report.behind == 4
    with Store.open(bench.store_path, clock=now) as store:
        assert store.sessions() == []


def test_positions_of_another_backend_are_dropped(bench: Bench, tmp_path: Path) -> None:
    bench.write(b"one\n")
    bench.write(b"{}", META)
    bench.cycle()
    for path in list(tmp_path.glob("store.db*")):
        path.unlink()
    bench.restart()
    assert bench.cycle().work.commits == 2
    assert bench.stored() == b"one\n"
    assert bench.stored_side(META) == b"{}"


def test_other_backend_gets_everything_while_the_daemon_lives(bench: Bench, tmp_path: Path) -> None:
    bench.write(b"one\n")
    bench.write(b"{}", META)
    bench.cycle()
    other = Bench(tmp_path / "other")
    other.backend.name = "https://confab.example.com"
    bench.backend = other.backend
    bench.sync.reconfigure()
    assert bench.cycle().work.commits == 2
    assert other.stored() == b"one\n"
    assert other.stored_side(META) == b"{}"
    other.close()


def test_offline_daemon_leaves_what_the_registry_knows(bench: Bench) -> None:
    bench.write(b"one\n" * 10)
    bench.cycle()
    bench.restart()
    bench.append(b"two\n")

    def locked() -> Backend:
        raise BackendUnavailable("locked")

    offline = SessionSync(ClaudeCode(), locked, bench.ledger)
    report = offline.cycle(Subject(SESSION, str(bench.transcript), ""))
    assert (report.files[0].lines, report.files[0].bytes, report.behind) == (10, 40, 4)
    offline.settle(report)
    known = registered(bench)
    assert known is not None
    assert (known.finished, known.last_error) == (False, "locked")
    bench.restart()
    assert bench.cycle().work.lines_sent == 1
    assert (bench.stored(), bench.generations()) == (b"one\n" * 10 + b"two\n", 1)


def test_lost_answer_is_remembered_though_the_registry_fails(bench: Bench, tmp_path: Path) -> None:
    """Without a registry the daemon's own memory is the only evidence."""
    (tmp_path / "registry.db").write_bytes(b"no database" * 100)
    bench.write(b"one\n")
    bench.write(b"{}", META)
    bench.cycle()
    assert bench.complaints
    bench.append(b"two\n")
    bench.fault.after.append(BackendUnavailable("the answer was lost"))
    bench.cycle()
    work = bench.cycle().work
    assert (work.lines_sent, work.side_files_sent) == (0, 0)
    assert bench.stored() == b"one\ntwo\n"


def test_end_is_told_with_its_moment_and_payload(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle(final=True)
    assert bench.sync.end((NOW - timedelta(seconds=5)).isoformat(), {"reason": "other"})
    assert bench.backend.calls[-1] == "end_session"


@pytest.mark.parametrize("place", ["embedded", "elsewhere"])
def test_session_that_was_deleted_while_its_daemon_rested_is_not_created_anew(
    bench: Bench, place: str
) -> None:
    bench.write(b"one\n")
    session_id = bench.cycle().backend_session_id
    with Store.open(bench.store_path, clock=now) as store:
        store.delete_session(session_id)
    bench.append(b"two\n")
    woken = SessionSync(
        ClaudeCode(), lambda: bench.backend, bench.ledger, lived_as=(place, session_id)
    )
    for _ in range(3):
        error = woken.cycle(Subject(SESSION, str(bench.transcript), "")).error
        assert isinstance(error, SessionGone) == (place == bench.backend.name)
    with Store.open(bench.store_path, clock=now) as store:
        assert bool(store.sessions()) == (place != bench.backend.name)


@pytest.mark.parametrize("meanwhile", ["away", "configured"])
def test_session_that_was_deleted_meanwhile_is_not_created_anew_in_the_same_store(
    bench: Bench, meanwhile: str
) -> None:
    bench.write(b"one\n")
    session_id = bench.cycle().backend_session_id
    bench.append(b"two\n")
    if meanwhile == "away":
        bench.fault.before.append(BackendUnavailable("locked"))
        assert isinstance(bench.cycle().error, BackendUnavailable)
    else:
        bench.sync.reconfigure()
    with Store.open(bench.store_path, clock=now) as store:
        store.delete_session(session_id)
    for _ in range(3):
        assert isinstance(bench.cycle().error, SessionGone)
        bench.sync.reconfigure()
    with Store.open(bench.store_path, clock=now) as store:
        assert store.sessions() == []


def test_session_is_opened_anew_at_a_server_whose_key_may_be_another(bench: Bench) -> None:
    bench.backend.name = "https://confab.example.com"
    bench.write(b"one\n")
    session_id = bench.cycle().backend_session_id
    with Store.open(bench.store_path, clock=now) as store:
        store.delete_session(session_id)
    bench.append(b"two\n")
    bench.sync.reconfigure()
    assert bench.cycle().error is None
    assert bench.stored() == b"one\ntwo\n"


def told_ends(bench: Bench) -> list[datetime]:
    with closing(sqlite3.connect(bench.store_path)) as connection:
        rows = connection.execute(
            "SELECT timestamp FROM events JOIN sessions ON sessions.id = events.session_id"
            " WHERE external_id = ?",
            (SESSION,),
        ).fetchall()
    return [datetime.fromisoformat(timestamp) for (timestamp,) in rows]


def test_end_without_a_usable_moment_is_told_as_of_now(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle(final=True)
    assert bench.sync.end("yesterday", {"reason": "other"})
    (told,) = told_ends(bench)
    assert datetime.now(UTC) - told < timedelta(minutes=5)


def test_end_of_one_record_is_told_once_even_by_another_daemon(bench: Bench) -> None:
    bench.write(b"one\n")
    for _ in range(2):
        bench.cycle(final=True)
        assert bench.sync.end("2026-02-03T10:00:00Z", {"reason": "other"})
        bench.restart()
    assert bench.backend.calls.count("end_session") == 1


def test_end_that_is_owed_is_told_once_and_opens_the_session_for_it(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle(final=True)
    bench.restart()
    bench.ledger.owe_end(OwedEnd("2026-02-03T10:00:00+01:00", '{"reason": "exit"}'))
    subject = Subject(SESSION, str(bench.transcript), "")
    for _ in range(2):
        bench.sync.tell_ends(subject)
    assert told_ends(bench) == [datetime(2026, 2, 3, 9, tzinfo=UTC)]
    assert bench.ledger.ends_owed() == []


def test_lost_answer_to_the_last_chunk_is_on_record_once_the_backend_was_asked(
    bench: Bench,
) -> None:
    """Otherwise the session would count as behind for ever, though nothing is left to send."""
    bench.write(b"one\n")
    bench.fault.after.append(BackendUnavailable("lost"))
    assert bench.cycle().error is not None
    assert bench.cycle().complete
    with closing(bench.registry()) as registry:
        known = registry.files("claude-code", SESSION)[MAIN]
    assert (known.position.offset, known.position.lines, known.size) == (4, 1, 4)
    assert bench.backend.calls.count("append") == 1


@pytest.mark.parametrize("is_alive", [True, False])
def test_store_that_was_taken_away_is_filled_anew_and_nothing_counts_as_deleted(
    bench: Bench, is_alive: bool
) -> None:
    bench.write(b"one\n")
    session_id = bench.cycle().backend_session_id
    bench.backend.close()
    for path in Path(bench.store_path).parent.glob("store.db*"):
        path.unlink()
    bench.append(b"two\n")
    if not is_alive:
        bench.sync.close()
        bench.sync = SessionSync(
            ClaudeCode(),
            lambda: bench.backend,
            bench.ledger,
            lived_as=(bench.backend.name, session_id),
        )
    first = bench.cycle()
    assert not isinstance(first.error, SessionGone)
    assert bench.cycle().error is None
    assert bench.stored() == b"one\ntwo\n"
