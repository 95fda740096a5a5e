"""The finisher finishes everything, and waits for a backend that is down, longer each time."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from confab_sync.cli.forgetting import forget
from confab_sync.cli.remains import remains
from confab_sync.config import write_config
from confab_sync.daemon.candidate import Candidate
from confab_sync.daemon.finisher import AFTER_PAUSE, AGAIN, FOR_A_FILE, Finisher, retry_later
from confab_sync.daemon.finishing import Fate, Finished, Manner, finish
from confab_sync.daemon.log import Log
from confab_sync.engine import catch_up as engine
from confab_sync.engine.known import OwedEnd
from confab_sync.errors import SessionNotFound
from confab_sync.presence import due, inbox, marker, session
from confab_sync.store.store import Store
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.daemon.machines import machine_in
from tests.server.serving import serving

if TYPE_CHECKING:
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


def test_what_is_known_of_a_server_that_nobody_asks_any_more_goes(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    former = Path(home.paths.backoff, "0123456789abcdef.json")
    former.parent.mkdir()
    former.write_bytes(b"{}")
    os.utime(former, (0.0, 0.0))
    finisher(machine).run()
    assert not former.exists()


def test_log_counts_the_sessions_that_are_kept_off_and_names_the_others(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    marker.put(home.session(ONE).off, marker.FORGOTTEN)
    finisher(machine).run()
    log = Path(home.paths.logs, "catch-up.log").read_text()
    assert f" session id={TWO} fate=archived " in log
    assert " kept_off sessions=1\n" in log
    assert ONE not in log


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


def test_session_that_cannot_be_locked_is_a_failure_of_its_own_and_tried_at_the_next_start(
    tmp_path: Path,
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    os.mkdir(home.session(ONE).lock)
    finisher(machine).run()
    assert stored(home, TWO) == b"two\n"
    assert in_seconds(home) == FOR_A_FILE
    assert due.is_due(home.paths.finisher.due, NOW.timestamp(), eager=True)


def paused(home: Home) -> None:
    write_config(home.paths.config, {"paused": {"since": "2026-03-01T11:00:00Z", "until": None}})


def test_news_at_the_last_moment_is_not_put_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon leaves after the last look and before the finisher has written down its own."""
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    real = due.put_off_since

    def and_a_daemon_leaves(path: str, *arguments: Any, **more: Any) -> bool:
        if not os.path.exists(home.transcript(TWO)):
            home.write(b"two\n", TWO)
            due.put_off(path, NOW.timestamp() - 1, 1)
        return real(path, *arguments, **more)

    monkeypatch.setattr(due, "put_off_since", and_a_daemon_leaves)
    finisher(machine).run()
    assert stored(home, TWO) == b"two\n"
    assert in_seconds(home) == AGAIN


def test_nothing_is_finished_in_a_pause_and_all_of_it_afterwards(tmp_path: Path) -> None:
    """Also what began and ended within it, of which hooks have left a marker."""
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    marker.put(home.session(TWO).off, "paused")
    paused(home)
    finisher(machine).run()
    assert not os.path.exists(home.paths.store)
    assert in_seconds(home) == AFTER_PAUSE
    write_config(home.paths.config, {"paused": None})
    finisher(machine).run()
    assert (stored(home, ONE), stored(home, TWO)) == (b"one\n", b"two\n")
    assert home.marker(TWO) is None


def test_end_of_a_pause_is_not_put_off_by_a_finisher_that_has_just_seen_the_pause(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, machine = machine_in(tmp_path)
    paused(home)
    real = due.put_off_since

    def and_the_user_resumes(path: str, *arguments: Any, **more: Any) -> bool:
        due.put_off(path, NOW.timestamp() - 1)
        return real(path, *arguments, **more)

    monkeypatch.setattr(due, "put_off_since", and_the_user_resumes)
    finisher(machine).run()
    assert due.is_due(home.paths.finisher.due, NOW.timestamp())


def test_pause_that_begins_meanwhile_leaves_the_rest_for_soon_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    real = engine.catch_up

    def and_the_user_pauses(*arguments: object, **more: object) -> object:
        report = real(*arguments, **more)  # type: ignore[arg-type]
        paused(home)
        return report

    monkeypatch.setattr("confab_sync.daemon.finishing.catch_up", and_the_user_pauses)
    finisher(machine).run()
    assert stored(home, ONE) == b"one\n"
    with pytest.raises(SessionNotFound):
        stored(home, TWO)
    assert in_seconds(home) == AFTER_PAUSE


@pytest.mark.parametrize("was", ["paused", "paused until 2026-03-01T10:00:00Z", "ignored: /gone"])
def test_marker_of_what_is_over_keeps_nothing_off(tmp_path: Path, was: str) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    marker.put(home.session().off, was)
    assert finish(machine, one(home), Manner()).fate is Fate.ARCHIVED
    assert home.marker() is None


def test_marker_that_was_put_meanwhile_is_not_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    marker.put(home.session().off, "paused")

    def and_the_user_forgets(*_: object) -> None:
        marker.put(home.session().off, marker.FORGOTTEN)

    monkeypatch.setattr("confab_sync.consent.refusal", and_the_user_forgets)
    assert finish(machine, one(home), Manner()).fate is Fate.OFF
    assert home.marker() == marker.FORGOTTEN
    assert not os.path.exists(home.paths.store)


def test_every_directory_counts_that_the_session_has_worked_in(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b'{"cwd":"/open/place"}\n{"cwd":"/secret/place"}\n{"cwd":"/open/place"}\n')
    write_config(home.paths.config, {"ignore": ["/secret"]})
    assert finish(machine, one(home, cwd="/open/place"), Manner()).fate is Fate.OFF
    write_config(home.paths.config, {"ignore": ["/heard"]})
    heard = one(home, directories=frozenset(["/heard/of"]))
    assert finish(machine, heard, Manner()).reason == "ignored: /heard"
    assert not os.path.exists(home.paths.store)


def test_end_that_a_dead_daemon_had_heard_outlives_a_pause_but_not_a_rule(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b'{"cwd":"/secret"}\n')
    record = {"type": inbox.END, "timestamp": "2026-03-01T11:00:00Z", "transcript_path": str(path)}
    inbox.append(home.session().inbox, record)
    dead = one(home, seen=inbox.size(home.session().inbox))
    paused(home)
    assert finish(machine, dead, Manner()).reason == "paused"
    assert home.records() == [record]
    write_config(home.paths.config, {"ignore": ["/secret"]})
    assert finish(machine, dead, Manner()).fate is Fate.OFF
    assert home.records() == []


def test_session_that_was_deleted_at_the_backend_is_not_created_again(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    home.archive()
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        store.delete_session(store.find_session(ONE).session_id)
    home.write(b"one\ntwo\n")
    finisher(machine).run()
    with pytest.raises(SessionNotFound):
        stored(home)
    assert home.marker() == marker.DELETED
    assert in_seconds(home) == AGAIN
    assert finish(machine, one(home), Manner()) == Finished(ONE, Fate.OFF, reason=marker.DELETED)


def test_end_of_a_session_that_was_deleted_at_the_backend_is_not_told_for_ever(
    tmp_path: Path,
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    home.archive()
    with closing(home.registry()) as registry:
        registry.owe_end("claude-code", ONE, OwedEnd("2026-03-01T11:00:00Z", "{}"))
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        store.delete_session(store.find_session(ONE).session_id)
    finisher(machine).run()
    assert home.marker() == marker.DELETED
    with pytest.raises(SessionNotFound):
        stored(home)


def test_session_that_was_deleted_in_the_store_stays_so_whatever_is_configured(
    tmp_path: Path,
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    home.archive()
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        store.delete_session(store.find_session(ONE).session_id)
    home.write(b"one\ntwo\n")
    write_config(home.paths.config, {"redaction": {"enabled": True}})
    finisher(machine).run()
    with pytest.raises(SessionNotFound):
        stored(home)
    assert home.marker() == marker.DELETED


def test_session_that_another_user_of_the_backend_had_is_opened_anew(tmp_path: Path) -> None:
    """Another key may be another user's: what that one cannot see was not deleted."""
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    with serving(tmp_path / "server") as server:
        keys = [server.key("ann@example.com"), server.key("bob@example.com")]
        for number, key in enumerate(keys, 1):
            write_config(home.paths.config, {"backend_url": server.url, "api_key": key})
            due.put_off(home.paths.finisher.due, 0.0)
            finisher(machine).run()
            with closing(sqlite3.connect(server.path)) as connection:
                owners = connection.execute("SELECT DISTINCT user_id FROM sessions").fetchall()
            assert len(owners) == number
            home.write(b"one\ntwo\n")
    assert home.marker() is None


def test_session_that_is_forgotten_meanwhile_is_let_go_and_nothing_of_it_stays(
    tmp_path: Path,
) -> None:
    """The copy is made after `confab forget` has looked what there is to delete."""
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    forgetting = threading.Thread(target=forget, args=(home.context, remains(home.context, ONE)))

    def and_the_user_forgets(_: object) -> None:
        forgetting.start()
        while home.marker() != marker.FORGOTTEN:
            forgetting.join(0.01)

    finished = finish(machine, one(home), Manner(progress=and_the_user_forgets))
    forgetting.join()
    assert finished.fate in (Fate.OFF, Fate.ARCHIVED)
    with pytest.raises(SessionNotFound):
        stored(home)
    with closing(home.registry()) as registry:
        assert registry.sessions() == []
    assert [name for name in os.listdir(home.session().directory) if ONE in name] == [f"{ONE}.off"]


def test_session_that_ended_without_a_login_is_archived_after_it(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    write_config(home.paths.config, {"backend_url": "https://127.0.0.1:9"})
    finisher(machine).run()
    place, now = home.paths.finisher.due, NOW.timestamp()
    assert (due.failures(place), due.is_due(place, now)) == (1, False)
    assert due.is_due(place, now, eager=True)
    with serving(tmp_path / "server") as server:
        settings = {"backend_url": server.url, "api_key": server.key()}
        write_config(home.paths.config, settings)
        finisher(machine).run()
        with server.store() as store:
            assert [session.external_id for session in store.sessions()] == [ONE]
    assert (due.failures(place), in_seconds(home)) == (0, AGAIN)


def test_damaged_registry_is_put_together_again_and_nothing_is_doubled(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    home.archive(ONE)
    home.archive(TWO)
    home.damage_the_registry()
    home.write(b"one\nmore\n", ONE)
    finisher(machine).run()
    assert (stored(home, ONE), stored(home, TWO)) == (b"one\nmore\n", b"two\n")
    with closing(home.registry()) as registry:
        known = {each.external_id: each.finished for each in registry.sessions()}
    assert known == {ONE: True, TWO: True}
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        assert {each.lines for each in store.sessions()} == {1, 2}


def test_registry_of_a_newer_confab_stays_and_work_goes_on_without_it(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n", ONE)
    home.archive(ONE)
    with closing(sqlite3.connect(home.paths.registry)) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.commit()
    home.write(b"one\nmore\n", ONE)
    home.write(b"two\n", TWO)
    finisher(machine).run()
    assert (stored(home, ONE), stored(home, TWO)) == (b"one\nmore\n", b"two\n")
    with closing(sqlite3.connect(home.paths.registry)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (99,)
        assert connection.execute("SELECT external_id FROM sessions").fetchall() == [(ONE,)]
    assert "newer confab" in (Path(home.paths.logs) / "catch-up.log").read_text()
