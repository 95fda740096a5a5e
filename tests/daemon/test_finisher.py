"""The finisher finishes everything, and waits for a backend that is down, longer each time."""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.config import write_config
from confab_sync.daemon.candidate import Candidate
from confab_sync.daemon.finisher import AGAIN, Finisher, retry_later
from confab_sync.daemon.finishing import Fate, Manner, finish
from confab_sync.daemon.log import Log
from confab_sync.engine import catch_up as engine
from confab_sync.presence import due, inbox, marker, session
from confab_sync.store.store import Store
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.daemon.machines import machine_in

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.daemon.machine import Machine


def finisher(machine: Machine) -> Finisher:
    log = Log(machine.paths.logs, "catch-up")
    return Finisher(machine, log, rng=random.Random(1), pause=lambda _: None)


def stored(home: Home, external_id: str = ONE) -> bytes:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        session_id = store.find_session(external_id).session_id
        return b"".join(store.read_file(session_id, f"{external_id}.jsonl"))


def ends(home: Home) -> list[str]:
    with closing(sqlite3.connect(home.paths.store)) as connection:
        return [row[0] for row in connection.execute("SELECT payload FROM events")]


def in_seconds(home: Home) -> float:
    return os.stat(home.paths.finisher.due).st_mtime - NOW.timestamp()


def test_everything_is_finished_and_the_next_look_is_hours_away(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    home.archive(TWO)
    home.write(b"two\nmore\n", TWO)
    finisher(machine).run()
    assert (stored(home, ONE), stored(home, TWO)) == (b"one\n", b"two\nmore\n")
    assert in_seconds(home) == AGAIN
    assert due.failures(home.paths.finisher.due) == 0


def test_what_was_caught_up_is_an_event_and_what_was_only_looked_at_is_none(
    tmp_path: Path,
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    for _ in range(3):
        finisher(machine).run()
    with closing(home.registry()) as registry:
        assert [event.event for event in registry.events()] == ["seen", "caught up"]


def test_a_line_that_waits_for_its_end_is_looked_at_again_by_the_next_session(
    tmp_path: Path,
) -> None:
    home, machine = machine_in(tmp_path)
    transcript = home.write(b"one\ntw", ONE)
    os.utime(transcript, (NOW.timestamp(), NOW.timestamp()))
    finisher(machine).run()
    place, now = home.paths.finisher.due, NOW.timestamp()
    assert stored(home) == b"one\n"
    assert due.failures(place) == 0
    assert not due.is_due(place, now)
    assert due.is_due(place, now, eager=True)
    home.write(b"one\ntwo\n", ONE)
    finisher(machine).run()
    assert stored(home) == b"one\ntwo\n"
    assert not due.is_due(place, now, eager=True)


def test_unsent_data_that_was_left_meanwhile_is_not_put_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    real = engine.catch_up

    def and_a_daemon_leaves(*arguments: object, **more: object) -> object:
        if not os.path.exists(home.transcript(TWO)):
            home.write(b"two\n", TWO)
            due.put_off(home.paths.finisher.due, NOW.timestamp() - 1, 1)
        return real(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("confab_sync.daemon.finishing.catch_up", and_a_daemon_leaves)
    finisher(machine).run()
    assert stored(home, TWO) == b"two\n"
    assert in_seconds(home) == AGAIN


def test_backend_that_is_down_is_asked_again_later_and_later(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    write_config(home.paths.config, {"backend_url": "http://127.0.0.1:9", "api_key": "k"})
    place = home.paths.finisher.due
    for failures, least, most in ((0, 45, 75), (9, 2700, 4500)):
        due.put_off(place, 0.0, failures)
        finisher(machine).run()
        assert due.failures(place) == failures + 1
        assert least <= in_seconds(home) <= most
    assert due.is_due(place, NOW.timestamp(), eager=True)


def test_longest_wait_is_never_taken_for_a_wrong_clock(tmp_path: Path) -> None:
    home, _ = machine_in(tmp_path)
    due.put_off(home.paths.finisher.due, 0.0, failures=1000)
    retry_later(home.paths, NOW.timestamp(), random.Random(1))
    assert not due.is_due(home.paths.finisher.due, NOW.timestamp())


def one(home: Home, **fields: object) -> Candidate:
    return Candidate(ONE, str(home.transcript()), **fields)  # type: ignore[arg-type]


def test_end_that_a_dead_daemon_had_heard_is_told_once_after_the_last_line(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n{}")
    record = {
        "type": inbox.END,
        "timestamp": "2026-03-01T11:00:00Z",
        "hook_input": {"reason": "exit", "transcript_path": str(path)},
        "parent": None,
    }
    inbox.append(home.session().inbox, record)
    finisher(machine).run()
    assert stored(home) == b"one\n{}"
    [payload] = ends(home)
    assert '"exit"' in payload
    assert os.listdir(home.session().directory) == [".turn-0"] or not inbox.size(
        home.session().inbox
    )
    inbox.append(home.session().inbox, record)
    finisher(machine).run()
    assert len(ends(home)) == 1


def test_session_that_is_kept_off_or_ignored_is_not_touched(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b'{"cwd":"/secret/place"}\n')
    marker.put(home.session().off, marker.DELETED)
    assert finish(machine, one(home), Manner()).fate is Fate.OFF
    marker.clear(home.session().off)
    write_config(home.paths.config, {"ignore": ["/secret"]})
    assert finish(machine, one(home), Manner()).fate is Fate.OFF
    assert not os.path.exists(home.paths.store)


def test_session_that_a_hook_speaks_of_meanwhile_gets_its_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    started: list[str] = []
    monkeypatch.setattr(
        session,
        "ensure_daemon",
        lambda paths, *rest, transcript_path, **more: started.append(transcript_path),
    )
    record = {"type": inbox.START, "transcript_path": str(path), "cwd": "/home/u/app"}
    speaks = Manner(progress=lambda _: inbox.append(home.session().inbox, record))
    finish(machine, one(home), speaks)
    assert started == [str(path)]
    assert len(home.records()) == 1


def test_session_that_somebody_has_open_gets_a_daemon_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    started: list[str] = []
    monkeypatch.setattr(
        session,
        "ensure_daemon",
        lambda paths, *rest, transcript_path, **more: started.append(transcript_path),
    )
    inbox.append(home.session().inbox, {"type": inbox.START, "transcript_path": str(path)})
    assert finish(machine, one(home, is_live=True), Manner()).fate is Fate.LEFT
    assert started == [str(path)]
    assert not os.path.exists(home.paths.store)


def test_session_that_is_gone_is_no_failure(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    assert finish(machine, one(home), Manner()).fate is Fate.GONE


def test_session_with_a_daemon_is_left_to_it(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    with home.locked():
        assert finish(machine, one(home), Manner()).fate is Fate.LEFT


def test_session_that_cannot_be_locked_is_a_failure_of_its_own(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    os.mkdir(home.session(ONE).lock)
    finisher(machine).run()
    assert stored(home, TWO) == b"two\n"
    assert in_seconds(home) == AGAIN
