"""One session's daemon, from its start to its end, as a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration.faults.standstill import until_it_attends
from integration.home import Home
from integration.session import Session, finished, process_exists
from integration.waiting import until

ROUNDS = 50
DELAYS_MS = (0, 5, 20, 50, 100, 500, 1500)


def test_a_session_is_archived_while_it_is_written(new_session: Callable[..., Session]) -> None:
    session = new_session()
    session.start()
    session.prompt()
    session.write(lines=3)
    session.until_archived(3)
    session.write_subagent("abcdef", b'{"isSidechain":true}\n')
    session.until_archived(4)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_three_hooks_at_once_make_one_daemon_and_none_is_left_after_the_end(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    sessions = []
    for _ in range(ROUNDS):
        session = new_session()
        sessions.append(session)
        for hook in [session.popen_hook("session-start", source="startup") for _ in range(3)]:
            finished(hook)
        until(lambda: _daemons_of(session), "the daemon is a program of its own")  # noqa: B023
    for session in sessions:
        (only,) = _daemons_of(session)
        assert only == session.daemon_pid
    for session in sessions:
        session.end()
    until(lambda: not ready.daemons(), "no daemon is left")
    assert not [one for one in sessions if one.state_file.exists()]


def _daemons_of(session: Session) -> list[int]:
    return [one.pid for one in session.home.daemons() if session.id in one.command]


def test_a_signal_at_any_moment_loses_no_line(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    def stop_by_signal(session: Session) -> None:
        os.kill(session.daemon_pid, signal.SIGTERM)

    _stop_at_any_moment(new_session, stop_by_signal)
    until(lambda: not ready.daemons(), "no daemon is left")


def test_a_session_end_at_any_moment_loses_no_line(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    _stop_at_any_moment(new_session, lambda session: session.end())
    until(lambda: not ready.daemons(), "no daemon is left")


def _stop_at_any_moment(
    new_session: Callable[..., Session], stop: Callable[[Session], object]
) -> None:
    def attempt(delay_ms: int, *, before: bool) -> None:
        session = new_session()
        if before:
            session.write()
        session.start()
        time.sleep(delay_ms / 1000)
        if not before:
            session.write()
        stop(session)
        session.until_gone()
        session.assert_archived()

    attempts = [(delay, before) for delay in DELAYS_MS for before in (True, False)]
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(attempt, delay, before=before) for delay, before in attempts]:
            done.result()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_stopping_signal_ends_in_order(
    new_session: Callable[..., Session], number: signal.Signals
) -> None:
    session = new_session()
    session.write()
    session.start()
    session.until_archived(5)
    pid = session.daemon_pid
    session.write()
    os.kill(pid, number)
    session.until_gone()
    until(lambda: not process_exists(pid), "the daemon has ended")
    session.assert_archived()


def test_lines_written_up_to_two_seconds_after_the_end_arrive(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.start()
    session.write()
    session.end()
    for _ in range(4):
        time.sleep(0.5)
        session.write(lines=1)
    session.until_gone()
    session.assert_archived()


def test_a_session_without_a_prompt_leaves_nothing(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.start()
    session.until_phase("waiting")
    session.end()
    session.until_gone()
    assert ready.confab("session", "list-files", session.id, check=False).returncode != 0
    assert ready.status() == []


def test_the_daemon_leaves_when_the_client_is_killed(new_session: Callable[..., Session]) -> None:
    session = new_session()
    session.begin()
    session.write(b'{"torn')
    session.kill_client()
    session.until_gone()
    (told,) = session.home.status()
    assert told["phase"] == "unfinished"
    (file,) = told["files"]
    assert file["behind_bytes"] == len(b'{"torn')
    assert "unfinished line" in file["note"]


def test_a_killed_daemon_is_replaced_at_the_next_prompt(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.begin()
    killed = session.daemon_pid
    os.kill(killed, signal.SIGKILL)
    until(lambda: not process_exists(killed), "the daemon is dead")
    session.write()
    session.prompt()
    assert session.daemon_pid != killed
    session.until_archived(10)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_a_session_end_without_a_daemon_still_archives_everything(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.write()
    session.end()
    assert session.state is not None, "it has a daemon at once, not only the finisher's care"
    session.until_gone()
    session.assert_archived()


def test_what_killed_daemons_left_is_finished_by_the_next_session(
    new_session: Callable[..., Session],
) -> None:
    orphans = [new_session() for _ in range(4)]
    for orphan in orphans:
        orphan.begin()
    for orphan in orphans:
        os.kill(orphan.daemon_pid, signal.SIGKILL)
        orphan.write()
        orphan.kill_client()
    new_session().start()
    for orphan in orphans:
        orphan.until_gone()
        orphan.assert_archived()


def test_two_clients_on_one_session_the_first_end_is_not_the_end(
    new_session: Callable[..., Session],
) -> None:
    first = new_session()
    second = Session(first.home, id=first.id)
    try:
        first.start()
        first.write()
        second.start(source="resume")
        first.until_archived(5)
        pid = first.daemon_pid
        first.end()
        first.kill_client()
        time.sleep(6)
        assert process_exists(pid)
        second.write()
        first.until_archived(10)
        second.end()
        second.until_gone()
        first.assert_archived()
    finally:
        second.kill_client()


def test_a_resume_during_the_final_wait_keeps_the_daemon(
    new_session: Callable[..., Session],
) -> None:
    first = new_session()
    first.begin()
    pid = first.daemon_pid
    first.end()
    first.until_phase("stopping")
    second = Session(first.home, id=first.id)
    try:
        second.start(source="resume")
        second.until_phase("syncing")
        time.sleep(4)
        second.write()
        second.until_archived(10)
        assert second.daemon_pid == pid
        second.end()
        second.until_gone()
        second.assert_archived()
    finally:
        second.kill_client()


def test_clear_and_resume_within_one_client(new_session: Callable[..., Session]) -> None:
    old = new_session()
    new = Session(old.home, client=old.client)
    old.begin()
    old.end(reason="clear")
    new.start(source="clear")
    old.write(lines=1)  # the cost-state line that lands after /clear
    new.write()
    new.end(reason="resume")
    old.start(source="resume")
    old.write()
    new.until_gone()
    new.assert_archived()
    old.until_archived(11)
    old.end()
    old.until_gone()
    old.assert_archived()


def test_a_stopped_session_stays_off_until_it_is_started_again(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.begin()
    ready.confab("sync", "stop", session.id[:8], "--wait")
    assert session.state is None
    session.write()
    session.prompt()
    session.end()
    assert session.state is None
    (told,) = ready.status()
    assert told["phase"] in {"off", "unfinished"}
    assert "stays off" in told["note"]
    session.start(source="resume")
    session.until_archived(10)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_a_moved_transcript_is_followed(new_session: Callable[..., Session]) -> None:
    session = new_session()
    session.start()
    session.write()
    session.write_subagent("abcdef", b"{}\n")
    session.until_archived(6)
    elsewhere = session.home.claude / "projects" / "-work-other"
    elsewhere.mkdir()
    session.transcript.rename(elsewhere / session.transcript.name)
    session.directory.rename(elsewhere / session.id)
    moved = elsewhere / session.transcript.name
    with moved.open("ab") as file:
        file.write(b'{"type":"relocated"}\n')
    session.until_archived(7)
    session.hook("session-end", transcript_path=str(moved), reason="other")
    session.until_gone()
    downloaded = session.download()
    assert set(downloaded) == {moved.name, f"{session.id}/subagents/agent-abcdef.jsonl"}


def test_a_rewritten_transcript_becomes_a_new_generation(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.start()
    session.write(lines=200)
    session.until_archived(200)
    session.transcript.write_bytes(b'{"shorter":1}\n')
    until(
        lambda: (session.state or {}).get("bytes") == len(b'{"shorter":1}\n'),
        "the new generation is archived",
    )
    session.write(lines=500)
    session.until_archived(501)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_a_broken_configuration_sends_nothing_until_it_is_mended(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    config = ready.path / ".confab" / "config.json"
    good = config.read_bytes()
    config.write_bytes(b"{ not json")
    session = new_session()
    session.start()
    session.write()
    until(lambda: (session.state or {}).get("connection") == "error", "the error is shown")
    assert "config.json" in str((session.state or {}).get("last_error"))
    other = new_session()
    assert "config.json" in other.start()["systemMessage"]
    assert "systemMessage" not in new_session().start()
    config.write_bytes(good)
    session.until_archived(5)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_resting_and_waking_loses_nothing(new_session: Callable[..., Session]) -> None:
    session = new_session(CONFAB_REST_AFTER_MS="50")
    session.start()
    total = 0
    for _ in range(8):
        session.write(lines=2)
        total += 2
        session.until_archived(total)
        session.until_phase("resting")
    pid = session.daemon_pid
    session.write(lines=1)
    os.kill(pid, signal.SIGTERM)
    session.until_gone()
    session.assert_archived()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="pidfd_open is Linux's")
def test_the_end_of_claude_code_at_rest_is_announced_and_nothing_is_lost(
    new_session: Callable[..., Session],
) -> None:
    session = new_session(CONFAB_REST_AFTER_MS="50")
    session.begin()
    session.until_phase("resting")
    until_it_attends(session)
    session.kill_client()
    session.until_gone()
    session.assert_archived()


def test_signals_while_the_image_changes_are_never_lost(
    new_session: Callable[..., Session],
) -> None:
    def attempt(number: int) -> None:
        session = new_session(CONFAB_REST_AFTER_MS="0")
        session.write()
        session.start()
        session.until_archived(5)
        # Each nudge makes the resting daemon become the large image and rest again at once.
        for _ in range(number % 5):
            session.prompt()
        time.sleep(number * 0.013)
        os.kill(session.daemon_pid, signal.SIGTERM)
        session.until_gone()
        session.assert_archived()

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(attempt, number) for number in range(24)]:
            done.result()


def test_a_headless_session_of_a_third_of_a_second_arrives(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.start()
    session.prompt()
    session.write(lines=20)
    session.end()
    session.kill_client()
    session.until_gone()
    session.assert_archived()


def test_a_stranger_with_the_daemons_pid_is_not_signalled(
    new_session: Callable[..., Session],
) -> None:
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    os.kill(daemon, signal.SIGKILL)
    until(lambda: not process_exists(daemon), "the daemon is dead")
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        text = session.state_file.read_text()
        session.state_file.write_text(text.replace(str(daemon), str(stranger.pid)))
        session.home.confab("sync", "stop", session.id, check=False)
        session.end()
        time.sleep(0.5)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()
