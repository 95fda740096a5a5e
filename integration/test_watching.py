"""What a person or a program sees of a real daemon: events, status, doctor."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from integration.home import Home
from integration.session import Session
from integration.waiting import until


def _events(home: Home) -> list[str]:
    lines = home.confab("events").stdout.splitlines()
    return [json.loads(line)["event"] for line in lines]


def test_a_session_s_life_is_told_in_few_events(
    ready: Home, new_session: Callable[..., Session], tmp_path: Path
) -> None:
    seen = tmp_path / "followed"
    with seen.open("wb") as stream:
        following = subprocess.Popen(
            [ready.executable, "events", "--follow"], env=ready.environ, stdout=stream
        )
    try:
        session = new_session()
        session.start()
        session.prompt()
        for number in range(1, 6):
            session.write(lines=1)
            session.until_archived(number)
        session.end()
        session.until_gone()
        assert _events(ready) == ["seen", "started", "online", "ended"]
        until(lambda: seen.read_text().count("\n") == 4, "the follower sees all of them")
    finally:
        following.terminate()
        following.wait()


def test_resting_and_waking_is_no_event(ready: Home, new_session: Callable[..., Session]) -> None:
    session = new_session(CONFAB_REST_AFTER_MS="50")
    session.start()
    session.write(lines=1)
    session.until_archived(1)
    session.until_phase("resting")
    before = _events(ready)
    session.write(lines=1)
    session.until_archived(2)
    session.until_phase("resting")
    assert _events(ready) == before
    session.end()
    session.until_gone()


def test_doctor_and_status_find_nothing_wrong_beside_a_living_daemon(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.start()
    session.write(lines=3)
    session.until_archived(3)
    told = json.loads(ready.confab("doctor", "--json").stdout)
    assert [check for check in told["checks"] if check["verdict"] == "fail"] == []
    status = json.loads(ready.confab("status", "--json").stdout)
    assert status["daemons"]["running"] == 1
    assert [backend["answers"] for backend in status["backends"]] == [True]
    session.end()
    session.until_gone()


def test_doctor_gives_a_killed_daemon_s_session_to_another(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.start()
    session.write(lines=1)
    session.until_archived(1)
    os.kill(session.daemon_pid, 9)
    session.kill_client()
    session.write(lines=2)
    until(lambda: not ready.daemons(), "the daemon is dead")
    told = json.loads(ready.confab("doctor", "--json", "--fix").stdout)
    assert len(told["fixed"]) == 1
    until(lambda: not session.state_file.exists(), "what it left is cleared up")
    session.assert_archived()
