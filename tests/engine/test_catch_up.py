"""A session is finished without a daemon, and only when it has none."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine.catch_up import catch_up
from confab_sync.engine.session_sync import CYCLE_SECONDS
from confab_sync.engine.subject import Subject
from confab_sync.errors import BackendUnavailable
from confab_sync.paths import SessionPaths
from confab_sync.presence import inbox, lock, marker
from tests.engine.factories import SESSION, Bench

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.backends.protocol import Appended
    from confab_sync.engine.report import CycleReport
    from confab_sync.store.values import Chunk


def session_paths(bench: Bench) -> SessionPaths:
    return SessionPaths(str(bench.directory / "sync" / "claude-code"), "claude-code", SESSION)


def subject(bench: Bench) -> Subject:
    return Subject(SESSION, str(bench.transcript), "")


def left_over(bench: Bench) -> list[str]:
    return sorted(os.listdir(session_paths(bench).directory))


@pytest.mark.parametrize(("is_quiet", "stored"), [(True, b"one\n{}"), (False, b"one\n")])
def test_everything_is_sent_and_nothing_left_behind(
    bench: Bench, is_quiet: bool, stored: bytes
) -> None:
    bench.write(b"one\n{}")
    report = catch_up(session_paths(bench), bench.sync, subject(bench), is_quiet=is_quiet)
    assert report is not None
    assert bench.stored() == stored
    assert left_over(bench) == []


def test_session_that_has_a_daemon_is_left_to_it(bench: Bench) -> None:
    bench.write(b"one\n")
    paths = session_paths(bench)
    os.makedirs(paths.directory)
    held = lock.take(paths.lock)
    assert held is not None
    assert catch_up(paths, bench.sync, subject(bench), is_quiet=True) is None
    assert bench.backend.calls == []
    os.close(held)


def test_daemon_cannot_start_meanwhile_and_what_its_hook_said_survives(bench: Bench) -> None:
    bench.write(b"one\n")
    paths = session_paths(bench)

    def hook(report: CycleReport) -> None:
        assert lock.take(paths.lock) is None
        inbox.append(paths.inbox, {"type": inbox.START})

    catch_up(paths, bench.sync, subject(bench), is_quiet=True, progress=hook)
    assert inbox.read(paths.inbox)[0] == [{"type": inbox.START}]
    assert not lock.is_held(paths.lock)


def test_long_session_is_sent_step_by_step(tmp_path: Path) -> None:
    ticks = iter(range(10**6))
    bench = Bench(tmp_path, clock=lambda: next(ticks) * CYCLE_SECONDS)
    data = b"".join(b"%07d\n" % number for number in range(1_000_000))
    bench.write(data)
    reports: list[CycleReport] = []
    catch_up(
        session_paths(bench), bench.sync, subject(bench), is_quiet=True, progress=reports.append
    )
    assert len(reports) > 2
    assert bench.stored() == data
    bench.close()


def test_error_ends_it_and_is_in_the_report(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.fault.before += [BackendUnavailable("locked")] * 2
    report = catch_up(session_paths(bench), bench.sync, subject(bench), is_quiet=True)
    assert report is not None
    assert str(report.error) == "locked"
    assert bench.backend.calls == ["open_session", "append"]
    assert left_over(bench) == []


def test_error_in_a_later_step_ends_it_too(tmp_path: Path) -> None:
    ticks = iter(range(10**6))
    bench = Bench(tmp_path, clock=lambda: next(ticks) * CYCLE_SECONDS)
    bench.write(b"x\n" * 3_000_000)

    def fail(report: CycleReport) -> None:
        bench.fault.before[:] = [BackendUnavailable("locked")]

    report = catch_up(
        session_paths(bench), bench.sync, subject(bench), is_quiet=True, progress=fail
    )
    assert report is not None
    assert str(report.error) == "locked"
    bench.close()


def test_error_ends_it_though_another_file_has_more_to_send(tmp_path: Path) -> None:
    bench = Bench(tmp_path, clock=iter([0.0, *[CYCLE_SECONDS] * 100]).__next__)
    bench.write(b"x\n" * 3_000_000)
    bench.write(b"agent\n", "subagents/agent-abcdef.jsonl")
    real = bench.backend.append
    sent: list[Chunk] = []

    def append(session_id: str, chunk: Chunk) -> Appended:
        sent.append(chunk)
        if len(sent) > 1:
            raise BackendUnavailable("locked")
        return real(session_id, chunk)

    bench.backend.append = append  # type: ignore[method-assign]
    report = catch_up(session_paths(bench), bench.sync, subject(bench), is_quiet=True)
    assert report is not None
    assert (str(report.error), report.more, len(sent)) == ("locked", True, 2)
    bench.close()


def test_lock_goes_back_when_something_breaks(bench: Bench) -> None:
    bench.write(b"one\n")

    def interrupt(report: CycleReport) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        catch_up(
            session_paths(bench), bench.sync, subject(bench), is_quiet=True, progress=interrupt
        )
    assert left_over(bench) == []


def test_lock_goes_back_even_if_the_inbox_cannot_be_opened(bench: Bench) -> None:
    bench.write(b"one\n")
    paths = session_paths(bench)
    os.makedirs(paths.inbox)
    assert catch_up(paths, bench.sync, subject(bench), is_quiet=True) is None
    assert not lock.is_held(paths.lock)


def test_session_that_cannot_be_locked_is_an_os_error(bench: Bench) -> None:
    paths = session_paths(bench)
    os.makedirs(paths.lock)
    with pytest.raises(IsADirectoryError):
        catch_up(paths, bench.sync, subject(bench), is_quiet=True)


def test_session_that_was_put_off_while_the_lock_was_waited_for_is_left_alone(
    bench: Bench,
) -> None:
    bench.write(b"one\n")
    paths = session_paths(bench)
    os.makedirs(paths.directory)
    marker.put(paths.off, marker.FORGOTTEN)
    assert catch_up(paths, bench.sync, subject(bench), is_quiet=True) is None
    assert bench.backend.calls == []
    assert left_over(bench) == [f"{SESSION}.off"]


@pytest.mark.parametrize("by", ["the user's settings", "a marker", "a hook"])
def test_session_that_is_kept_off_or_opened_meanwhile_is_let_go_after_the_step(
    tmp_path: Path, by: str
) -> None:
    ticks = iter(range(10**6))
    bench = Bench(tmp_path, clock=lambda: next(ticks) * CYCLE_SECONDS)
    bench.write(b"x\n" * 3_000_000)
    refused: list[CycleReport] = []

    def keep_off(report: CycleReport) -> None:
        if by == "a marker":
            marker.put(session_paths(bench).off, marker.FORGOTTEN)
        elif by == "a hook":
            inbox.append(session_paths(bench).inbox, {"type": inbox.START})
        else:
            refused.append(report)

    report = catch_up(
        session_paths(bench),
        bench.sync,
        subject(bench),
        is_quiet=True,
        progress=keep_off,
        is_refused=lambda: bool(refused),
    )
    assert report is not None
    assert report.more
    assert bench.backend.calls.count("append") == 1
    assert not lock.is_held(session_paths(bench).lock)
    bench.close()
