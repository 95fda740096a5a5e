"""A cycle over all files of a session: what it opens, what it leaves, what it says."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine import session_sync
from confab_sync.engine.known import OwedEnd
from confab_sync.engine.position import HEAD, TAIL
from confab_sync.engine.report import Work
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.side_file import LARGEST
from confab_sync.engine.subject import Subject
from confab_sync.errors import (
    BackendRefused,
    BackendUnavailable,
    ConfigError,
    SessionGone,
)
from confab_sync.store.store import Store
from tests.engine.factories import MAIN, NOW, SESSION, Bench, now
from tests.permissions import out_of_reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from confab_sync.backends.protocol import Appended, Backend
    from confab_sync.engine.known import KnownSession
    from confab_sync.engine.report import CycleReport

AGENT = "subagents/agent-abcdef.jsonl"
META = "subagents/agent-abcdef.meta.json"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def registered(bench: Bench) -> KnownSession | None:
    with closing(bench.registry()) as registry:
        return registry.session("claude-code", SESSION)


def notes(report: CycleReport) -> dict[str, str]:
    return {file.name: file.note for file in report.files if file.note}


def test_session_without_files_creates_nothing_anywhere(bench: Bench) -> None:
    report = bench.cycle(final=True)
    bench.sync.settle(report)
    assert (report.files, report.fingerprint, report.complete) == ((), 0, True)
    assert bench.backend.calls == []
    assert registered(bench) is None
    assert not bench.sync.end(NOW.isoformat(), None)


def test_empty_transcript_creates_nothing_at_the_backend(bench: Bench) -> None:
    bench.write(b"")
    assert bench.cycle().files[0].behind == 0
    assert bench.backend.calls == []


def test_idle_cycle_opens_nothing_and_commits_nothing(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.write(b"{}", META)
    bench.append(b"unfinished", AGENT)
    bench.cycle()
    calls = list(bench.backend.calls)
    work = bench.cycle().work
    assert work == Work(files_seen=3, stats=3)
    assert bench.backend.calls == calls


LINE = b'{"type":"user","timestamp":"2026-03-01T10:00:00Z","message":{"content":"yes"}}\n'


@pytest.mark.parametrize("restarted", [False, True])
def test_one_new_line_costs_the_same_whatever_the_size_of_the_file(
    bench: Bench, restarted: bool
) -> None:
    costs = []
    for lines in (1_000, 50_000):
        bench.append(lines * LINE)
        bench.cycles()
        if restarted:
            bench.restart()
        bench.append(LINE)
        costs.append(bench.cycle().work)
    assert costs[0] == costs[1]
    assert costs[0].bytes_read == 2 * (HEAD + TAIL) + len(LINE)
    assert (costs[0].parses, costs[0].commits) == (1, 1)


def test_one_new_line_costs_one_look_for_each_other_file_and_nothing_else(bench: Bench) -> None:
    bench.append(1_000 * LINE)
    bench.cycles()
    bench.append(LINE)
    alone = bench.cycle().work
    others = 300
    for number in range(others):
        bench.write(LINE, f"subagents/agent-{number:06}.jsonl")
    bench.cycles()
    bench.append(LINE)
    beside = bench.cycle().work
    looks = {"files_seen": alone.files_seen + others, "stats": alone.stats + others}
    assert beside == replace(alone, **looks)


def test_requests_are_counted_cycle_by_cycle_even_of_one_that_fails(bench: Bench) -> None:
    bench.append(LINE)
    assert bench.cycle().work.requests == 2  # the session is opened, the line sent
    bench.append(LINE)
    bench.fault.after.append(BackendUnavailable("lost"))
    failed = bench.cycle()
    assert (failed.error is not None, failed.work.requests) == (True, 1)
    assert bench.cycle().work.requests == 1  # asked, and the line turns out to be there


def test_k_changed_files_of_n_open_k(bench: Bench) -> None:
    names = [f"subagents/agent-{number:06}.jsonl" for number in range(20)]
    for name in names:
        bench.write(b"one\n", name)
    bench.cycle()
    for name in names[3:8]:
        bench.append(b"two\n", name)
    work = bench.cycle().work
    assert (work.files_seen, work.files_opened, work.commits) == (20, 5, 5)
    assert (work.stats, work.requests) == (20 + 2 * 5, 5)
    # The line, what was there before it, and afterwards all of that as evidence.
    assert work.bytes_read == 5 * (4 + 4 + 8)


def test_nothing_is_opened_after_a_restart_with_unchanged_files(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.write(b"{}", META)
    bench.cycle()
    bench.restart()
    bench.backend.calls.clear()
    report = bench.cycle()
    assert (report.work.files_opened, report.work.commits, report.behind) == (0, 0, 0)
    assert bench.backend.calls == ["open_session"]
    assert bench.sync.end(NOW.isoformat(), {"reason": "other"})


def test_all_kinds_of_files_arrive_under_their_names(bench: Bench) -> None:
    journal = "subagents/workflows/wf_1/journal.jsonl"
    bench.write(b"one\n")
    for name in (AGENT, journal):
        bench.write(name.encode() + b"\n", name)
    for name in (META, "tool-results/x.txt", "workflows/wf_1.json"):
        bench.write(name.encode(), name)
    assert bench.cycle().work.side_files_sent == 3
    assert bench.stored("agent-abcdef.jsonl") == AGENT.encode() + b"\n"
    assert bench.stored(journal) == journal.encode() + b"\n"
    for name in (META, "tool-results/x.txt", "workflows/wf_1.json"):
        assert bench.stored_side(name) == name.encode()


def test_moved_transcript_is_followed_and_not_sent_again(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.cycle()
    old = bench.transcript
    other = bench.projects / "-tmp"
    other.mkdir()
    old.rename(other / MAIN)
    old.with_suffix("").rename(other / SESSION)
    subject = Subject(SESSION, str(old), "/home/u/app")
    report = bench.sync.cycle(subject)
    assert report.transcript_path == str(other / MAIN)
    assert report.work.files_opened == 0
    bench.project = "-tmp"
    bench.append(b"more\n")
    bench.sync.cycle(subject)
    assert (bench.stored(), bench.generations()) == (b"one\nmore\n", 1)


def test_symlink_in_place_of_a_file_is_not_archived(bench: Bench) -> None:
    (bench.directory / "secret").write_bytes(b"secret\n")
    bench.write(b"one\n")
    bench.path("tool-results").mkdir(parents=True)
    bench.path("tool-results/link").symlink_to(bench.directory / "secret")
    assert [file.name for file in bench.cycle().files] == [MAIN]


def take_away(bench: Bench, change: Callable[[Path], None]) -> Callable[..., int]:
    """An `os.open` before which something happens to the agent's file."""
    real = os.open

    def opened(path: str, *arguments: object, **more: object) -> int:
        if path == str(bench.path(AGENT)):
            change(bench.path(AGENT))
        return real(path, *arguments, **more)  # type: ignore[arg-type]

    return opened


def replace_by_link(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/etc/hostname")


def replace_by_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def replace_by_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "change", [replace_by_link, replace_by_pipe, replace_by_directory, os.unlink]
)
def test_file_that_cannot_be_read_is_noted_and_the_others_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    """What was listed as a file is something else when it is opened."""
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.write(b"{}", META)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", take_away(bench, change))
        report = bench.cycle()
    assert report.error is None
    assert notes(report)["agent-abcdef.jsonl"].startswith("cannot be read: ")
    assert report.behind == 4
    assert bench.stored() == b"one\n"
    assert bench.stored_side(META) == b"{}"


def test_trouble_that_has_passed_is_forgotten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(b"two\n", AGENT)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", take_away(bench, os.unlink))
        report = bench.cycle()
    bench.sync.settle(report)
    bench.write(b"two\n", AGENT)
    assert notes(bench.cycle()) == {}
    bench.restart()
    assert notes(bench.cycle()) == {}
    with closing(bench.registry()) as registry:
        assert registry.files("claude-code", SESSION)["agent-abcdef.jsonl"].note == ""


def test_files_that_may_not_be_looked_at_are_noted_and_looked_at_again(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle()
    bench.append(b"two\n")
    with out_of_reach(bench.projects):
        report = bench.cycle()
    assert notes(report)[MAIN] == "cannot be read: Permission denied"
    assert report.complete
    assert not report.may_rest
    assert [(file.lines, file.behind) for file in report.files] == [(1, 0), (0, 0)]
    bench.sync.settle(report)
    with closing(bench.registry()) as registry:
        assert [each.finished for each in registry.sessions()] == [False]
        assert list(registry.files("claude-code", SESSION)) == [MAIN]
    assert notes(bench.cycle()) == {}
    assert bench.stored() == b"one\ntwo\n"


def test_removed_file_is_passed_over(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.cycle()
    bench.path(AGENT).unlink()
    report = bench.cycle()
    assert [file.name for file in report.files] == [MAIN]
    assert bench.stored("agent-abcdef.jsonl") == b"two\n"


def test_refused_file_is_noted_and_the_others_go_on(bench: Bench) -> None:
    """A name that the store refuses for good must not stop what sorts behind it."""
    odd = "subagents/" + "/".join(["d" * 200] * 3)
    bench.write(b"one\n")
    bench.write(b"odd", odd)
    bench.write(b"late", "tool-results/x.txt")
    report = bench.cycle()
    assert report.error is None
    assert "refused by the backend" in notes(report)[odd]
    assert bench.stored_side("tool-results/x.txt") == b"late"


def test_refused_file_is_not_sent_again_unchanged(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.fault.before.append(BackendRefused("no"))
    report = bench.cycle()
    assert (report.error, notes(report)) == (None, {MAIN: "refused by the backend: no"})
    assert (report.behind, bench.cycle(final=True).behind) == (4, 4)
    assert bench.backend.calls == ["open_session", "append"]
    bench.append(b"two\n")
    report = bench.cycle()
    assert (notes(report), report.behind) == ({}, 0)
    assert bench.stored() == b"one\ntwo\n"


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


@pytest.mark.parametrize("complete", [True, False])
def test_settled_session_is_finished_if_all_is_acknowledged(bench: Bench, complete: bool) -> None:
    bench.write(b"one\n" if complete else b"one\ntorn")
    bench.sync.settle(bench.cycle(final=True))
    known = registered(bench)
    assert known is not None
    assert known.finished == complete
    with closing(bench.registry()) as registry:
        file = registry.files("claude-code", SESSION)[MAIN]
    assert file.note == ("" if complete else "ends in an unfinished line")
    assert (file.position.offset, file.size) == (4, 4 if complete else 8)


def test_settled_torn_line_that_goes_on_later_loses_its_note(bench: Bench) -> None:
    bench.write(b"one\ntorn")
    bench.sync.settle(bench.cycle(final=True))
    bench.restart()
    bench.append(b"\n")
    report = bench.cycle()
    assert (notes(report), report.behind) == ({}, 0)
    bench.sync.settle(report)
    bench.restart()
    assert notes(bench.cycle()) == {}


def test_side_file_is_sent_again_when_it_changes(bench: Bench) -> None:
    bench.write(b"first", META)
    assert bench.cycle().work.side_files_sent == 1
    bench.write(b"other", META)
    assert bench.cycle().work.side_files_sent == 1
    assert bench.stored_side(META) == b"other"


def test_side_file_counts_as_archived_only_when_the_backend_has_it(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle()
    bench.write(b"first", META)
    bench.fault.before.append(BackendUnavailable("locked"))
    assert bench.cycle().work.side_files_sent == 0
    bench.restart()
    assert bench.cycle().work.side_files_sent == 1
    assert bench.stored_side(META) == b"first"


def test_side_file_that_grew_within_one_tick_is_sent_after_a_restart(bench: Bench) -> None:
    bench.write(b"first", META)
    bench.cycle()
    status = bench.path(META).stat()
    bench.path(META).write_bytes(b"and more")
    os.utime(bench.path(META), ns=(status.st_mtime_ns, status.st_mtime_ns))
    bench.fault.before.append(BackendUnavailable("locked"))
    bench.sync.settle(bench.cycle())
    bench.restart()
    assert bench.cycle().work.side_files_sent == 1
    assert bench.stored_side(META) == b"and more"


def test_too_large_side_file_is_noted_and_not_read(bench: Bench) -> None:
    bench.write(b"", "tool-results/huge.txt")
    os.truncate(bench.path("tool-results/huge.txt"), LARGEST + 1)
    report = bench.cycle()
    assert notes(report) == {"tool-results/huge.txt": f"too large to archive ({LARGEST + 1} bytes)"}
    assert (report.behind, report.work.files_opened) == (LARGEST + 1, 0)


def test_backend_without_side_files_is_not_behind_because_of_them(bench: Bench) -> None:
    bench.backend.refused_kinds = {"side"}
    bench.write(b"one\n")
    bench.write(b"{}", META)
    report = bench.cycle()
    assert (report.behind, report.work.commits) == (0, 1)
    assert notes(report) == {META: "not archived: this backend takes no such files"}
    bench.sync.settle(report)
    known = registered(bench)
    assert known is not None
    assert known.finished


class Ticking:
    """A clock that moves on at every look."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def test_long_cycle_reports_and_goes_on(tmp_path: Path) -> None:
    bench = Bench(tmp_path, clock=Ticking(session_sync.CYCLE_SECONDS / 3))
    data = b"".join(b"%07d\n" % number for number in range(1_000_000))
    bench.write(data)
    bench.write(b"two\n", AGENT)
    reports = [bench.cycle()]
    while reports[-1].more:
        reports.append(bench.cycle())
    assert len(reports) > 2
    assert bench.stored() == data
    assert bench.stored("agent-abcdef.jsonl") == b"two\n"
    bench.close()


def test_very_many_files_are_not_listed_again_for_every_few_that_are_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    for seconds_per_file in (0.0, session_sync.SECONDS_PER_FILE):
        monkeypatch.setattr(session_sync, "SECONDS_PER_FILE", seconds_per_file)
        bench = Bench(tmp_path / str(seconds_per_file), clock=Ticking(0.02))
        for number in range(2000):
            bench.write(b"one\n", f"subagents/agent-{number:06}.jsonl")
        report = bench.cycle()
        assert report.more
        sent.append(report.work.commits)
        bench.close()
    assert 1.8 < sent[1] / sent[0] < 2.2
    assert [session_sync.cycle_seconds(n) for n in (1, 1000, 3000, 10**6)] == [1.0, 1.0, 3.0, 5.0]


def test_slow_unreadable_file_does_not_starve_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, clock=Ticking(session_sync.CYCLE_SECONDS * 2))
    bench.write(b"two\n", AGENT)
    bench.write(b"three\n", "tool-results/x.txt")
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", take_away(bench, lambda path: path.unlink(missing_ok=True)))
        bench.cycle()
    assert bench.stored_side("tool-results/x.txt") == b"three\n"
    bench.close()


def test_file_that_always_grows_does_not_starve_the_others(tmp_path: Path) -> None:
    bench = Bench(tmp_path, clock=Ticking(session_sync.CYCLE_SECONDS * 2))
    bench.write(b"two\n", AGENT)
    bench.write(b"three\n", "tool-results/x.txt")
    for _ in range(3):
        bench.append(b"one\n")
        assert bench.cycle().work.commits == 1
    assert bench.stored("agent-abcdef.jsonl") == b"two\n"
    assert bench.stored_side("tool-results/x.txt") == b"three\n"
    bench.close()


def test_what_a_failed_cycle_sent_is_counted(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    real = bench.backend.append
    calls = iter([real])

    def once(*arguments: object) -> Appended:
        for call in calls:
            return call(*arguments)  # type: ignore[arg-type]
        raise BackendUnavailable("locked")

    bench.backend.append = once  # type: ignore[method-assign, assignment]
    report = bench.cycle()
    assert isinstance(report.error, BackendUnavailable)
    assert (report.work.lines_sent, report.did_something) == (1, True)


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


def test_tail_of_a_deleted_transcript_is_sent_once_the_backend_is_back(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"agent\n", AGENT)
    bench.cycle()
    bench.append(b"two\n")
    bench.append(b"more\n", AGENT)
    bench.fault.before.append(BackendUnavailable("down"))
    assert bench.cycle().error is not None
    bench.transcript.unlink()
    bench.path(AGENT).unlink()
    assert bench.cycle().error is None
    assert (bench.stored(), bench.stored("agent-abcdef.jsonl")) == (b"one\ntwo\n", b"agent\nmore\n")
    assert bench.cycle().files == (), "what is archived is let go of"


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
