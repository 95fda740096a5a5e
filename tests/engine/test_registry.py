"""The registry keeps what it was told, and says so when it cannot."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine import registry_rows
from confab_sync.engine.known import Acknowledged, Event, KnownFile, OwedEnd
from confab_sync.errors import RegistryError
from tests.engine.registries import FILE, KEY, open_registry, seen

if TYPE_CHECKING:
    from pathlib import Path


def test_files_survive_as_they_were_acknowledged(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        registry.acknowledge(*KEY, FILE, Acknowledged(0, 8, b"d"))
    with closing(open_registry(tmp_path)) as registry:
        assert registry.files(*KEY) == {FILE.name: FILE}
        assert registry.spans(*KEY, FILE.name) == [Acknowledged(0, 8, b"d")]
        assert registry.files("claude-code", "other") == {}


def test_session_is_unfinished_from_when_it_is_seen_until_it_is_settled(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        for finished in (False, True):
            registry.settle(*KEY, finished=finished, error="locked")
            session = registry.session(*KEY)
            assert session is not None
            assert (session.finished, session.last_error) == (finished, "locked")
            assert len(registry.sessions(unfinished_only=True)) == (0 if finished else 1)
        registry.see(*KEY, "/p/abc.jsonl", "")
        assert len(registry.sessions(unfinished_only=True)) == 1


def test_seeing_a_session_again_takes_the_new_path_and_keeps_the_known_cwd(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        registry.see(*KEY, "/q/abc.jsonl", "")
        session = registry.session(*KEY)
        assert session is not None
        assert (session.transcript_path, session.cwd) == ("/q/abc.jsonl", "/home/u")
        assert (session.first_seen, session.last_seen) == (
            "2026-03-01T12:00:00Z",
            "2026-03-01T12:00:01Z",
        )


def test_sessions_seen_last_come_first(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        registry.see("claude-code", "xyz", "/p/xyz.jsonl", "")
        assert [session.external_id for session in registry.sessions()] == ["xyz", "abc"]
        registry.see(*KEY, "/p/abc.jsonl", "")
        assert [session.external_id for session in registry.sessions()] == ["abc", "xyz"]


def test_span_that_begins_anew_replaces_those_behind_it(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        for start in (0, 10, 20):
            registry.acknowledge(*KEY, FILE, Acknowledged(start, start + 10, b"old"))
        registry.acknowledge(*KEY, FILE, Acknowledged(10, 25, b"new"))
        assert registry.spans(*KEY, FILE.name) == [
            Acknowledged(0, 10, b"old"),
            Acknowledged(10, 25, b"new"),
        ]
        registry.acknowledge(*KEY, FILE)
        assert len(registry.spans(*KEY, FILE.name)) == 2
        registry.acknowledge(*KEY, FILE, Acknowledged(0, 5, b"anew"))
        assert registry.spans(*KEY, FILE.name) == [Acknowledged(0, 5, b"anew")]


@pytest.mark.parametrize(
    ("place", "kept"),
    [(("embedded", "id-1"), True), (("embedded", "id-2"), False), (("http", "id-1"), False)],
)
def test_positions_of_another_copy_are_dropped(
    tmp_path: Path, place: tuple[str, str], kept: bool
) -> None:
    with closing(seen(tmp_path)) as registry:
        registry.opened(*KEY, "embedded", "id-1")
        registry.acknowledge(*KEY, FILE, Acknowledged(0, 8, b"d"))
        registry.opened(*KEY, *place)
        assert bool(registry.files(*KEY)) == kept
        assert bool(registry.spans(*KEY, FILE.name)) == kept


def test_session_that_was_never_seen_cannot_be_acknowledged(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        with pytest.raises(RegistryError, match="no session xyz"):
            registry.acknowledge("claude-code", "xyz", FILE)
        with pytest.raises(RegistryError, match="no session xyz"):
            registry.opened("claude-code", "xyz", "embedded", "id")
        assert registry.session("claude-code", "xyz") is None


def test_events_are_kept_in_order_and_the_oldest_give_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_rows, "EVENTS_KEPT", 5)
    with closing(open_registry(tmp_path)) as registry:
        for number in range(12):
            registry.record(*KEY, "started", str(number))
        assert [event.detail for event in registry.events()] == ["7", "8", "9", "10", "11"]
        assert [event.detail for event in registry.events(limit=2)] == ["10", "11"]
        assert registry.events(1) == [Event(12, "2026-03-01T12:00:11Z", *KEY, "started", "11")]
        assert [event.number for event in registry.events(after=10)] == [11, 12]


def test_a_session_is_seen_for_the_first_time_once(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        registry.see(*KEY, "/p/moved.jsonl", "/elsewhere")
        assert [event.event for event in registry.events()] == ["seen"]


WRITER = """
import sys
from datetime import UTC, datetime
from confab_sync.engine.known import Acknowledged, KnownFile
from confab_sync.engine.position import Position
from confab_sync.engine.registry import Registry

registry = Registry(sys.argv[1], clock=lambda: datetime.now(UTC))
registry.see("claude-code", "abc", "/p/abc.jsonl", "")
for number in range(10**9):
    file = KnownFile("abc.jsonl", "transcript", Position(number + 1, (number + 1) * 10))
    span = Acknowledged(number * 10, number * 10 + 10, b"d")
    registry.acknowledge("claude-code", "abc", file, span)
    print(number + 1, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [1, 7, 40])
def test_killed_writer_leaves_what_it_had_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path / "registry.db")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as writer:
        assert writer.stdout is not None
        for _ in range(acknowledged):
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
    with closing(open_registry(tmp_path)) as registry:
        position = registry.files(*KEY)["abc.jsonl"].position
        assert position.lines >= last
        spans = registry.spans(*KEY, "abc.jsonl")
        assert [span.start for span in spans] == list(range(0, position.offset, 10))


def test_forgotten_session_leaves_no_row_and_no_byte(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        registry.acknowledge(*KEY, FILE, Acknowledged(0, 8, b"d"))
        registry.count_masked(*KEY, {"JWT": 1})
        registry.record(*KEY, "ended", "exit")
        registry.see("claude-code", "other", "/p/other.jsonl", "/home/u")
        registry.record("claude-code", "other", "ended")
        registry.forget(*KEY)
        registry.forget(*KEY)
        assert [session.external_id for session in registry.sessions()] == ["other"]
        assert {event.external_id for event in registry.events()} == {"other"}
        assert (registry.files(*KEY), registry.masked(*KEY)) == ({}, {})
    assert b"abc.jsonl" not in (tmp_path / "registry.db").read_bytes()


@pytest.mark.parametrize("seed", range(12))
def test_writer_killed_at_any_instruction_leaves_a_sound_registry(
    tmp_path: Path, seed: int
) -> None:
    """The moment is drawn by a seed: from before the file exists on, or between two notes."""
    random_moment = random.Random(seed)
    command = [sys.executable, "-c", WRITER, str(tmp_path / "registry.db")]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environ) as writer:
        assert writer.stdout is not None
        told = b""
        if seed % 2:
            told = b"".join(writer.stdout.readline() for _ in range(random_moment.randint(1, 8)))
            time.sleep(random_moment.uniform(0, 0.03))
        else:
            time.sleep(random_moment.uniform(0.05, 0.6))
        writer.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in (told + writer.stdout.read()).split(b"\n")[:-1]]
    with closing(open_registry(tmp_path)) as registry:
        assert registry.is_sound()
        known = registry.files(*KEY).get("abc.jsonl", KnownFile("abc.jsonl", "transcript"))
        assert known.position.lines >= max(acknowledged, default=0)
        spans = registry.spans(*KEY, "abc.jsonl")
        assert [span.start for span in spans] == list(range(0, known.position.offset, 10))


def test_end_is_owed_until_it_was_told_and_stays_told(tmp_path: Path) -> None:
    end = OwedEnd("2026-03-01T12:00:00Z", '{"reason":"exit"}')
    with closing(seen(tmp_path)) as registry:
        registry.owe_end(*KEY, end)
        registry.owe_end("claude-code", "never seen", end)
        assert registry.ends(*KEY) == [end]
        assert registry.owing() == {KEY}
        registry.owe_end(*KEY, end, told=True)
        registry.owe_end(*KEY, end)
        assert registry.ends(*KEY) == []
        assert registry.ends(*KEY, told=True) == [end]
        assert registry.owing() == frozenset()


def test_transcripts_are_told_from_other_files(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        registry.acknowledge(*KEY, FILE)
        registry.acknowledge(*KEY, KnownFile("agent-a.jsonl", "agent"))
        assert registry.transcripts("claude-code") == {"abc": FILE}
