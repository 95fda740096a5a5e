"""A cycle over all files of a session: what it opens, what it leaves, what it says."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine import session_sync
from confab_sync.engine.position import HEAD, TAIL
from confab_sync.engine.report import Work
from confab_sync.errors import BackendUnavailable
from tests.engine.factories import (
    AGENT,
    MAIN,
    META,
    NOW,
    SESSION,
    Bench,
    notes,
    registered,
    take_away,
)

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.backends.protocol import Appended


def test_session_without_files_creates_nothing_anywhere(bench: Bench) -> None:
    report = bench.cycle(final=True)
    bench.sync.settle(report)
    assert (report.files, report.fingerprint, report.complete) == ((), 0, True)
    assert bench.backend.calls == []
    assert registered(bench) is None
    assert not bench.sync.end(NOW.isoformat(), None)


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
