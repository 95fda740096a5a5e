"""`confab events`, as a program calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from confab_sync.cli import events
from confab_sync.cli.context import Context
from confab_sync.engine.known import Event
from confab_sync.errors import RegistryError
from tests.cli.archives import ONE, TWO, Home


def printed(home: Home, *arguments: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(events.command, arguments, obj=home.context, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def happened(home: Home, *details: str) -> None:
    with closing(home.registry()) as registry:
        for detail in details:
            registry.record("claude-code", ONE, "ended", detail)


def test_there_are_none_without_a_registry(tmp_path: Path) -> None:
    assert printed(Home(tmp_path)) == []
    assert not os.path.exists(Home(tmp_path / "other").paths.registry)


def test_each_event_is_an_object_on_a_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    happened(home, "because\x1b[2J\u202e")
    (event,) = printed(home)
    assert event == {
        "number": 1,
        "at": "2026-03-01T12:00:00Z",
        "event": "ended",
        "session": ONE,
        "provider": "claude-code",
        "detail": "because\x1b[2J\u202e",
    }


def test_the_output_cannot_steer_a_terminal(tmp_path: Path) -> None:
    home = Home(tmp_path)
    happened(home, "\x1b[2J\u202e")
    output = CliRunner().invoke(events.command, obj=home.context).output
    assert all(" " <= character <= "~" or character == "\n" for character in output)


def test_the_last_ones_are_shown_oldest_first(tmp_path: Path) -> None:
    home = Home(tmp_path)
    happened(home, "1", "2", "3")
    assert [event["detail"] for event in printed(home, "--last", "2")] == ["2", "3"]
    assert printed(home, "--last", "0") == []


def test_a_damaged_registry_is_an_error(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.damage_the_registry()
    with pytest.raises(RegistryError, match="damaged"):
        events.read(home.context, 1)


def test_following_goes_on_where_the_last_look_ended(tmp_path: Path) -> None:
    home = Home(tmp_path)
    happened(home, "1", "2")
    steps = iter([("3",), (), ("4", "5")])
    stream = events.followed(home.context, 1, pause=lambda _: happened(home, *next(steps)))
    assert [event.detail for event in islice(stream, 4)] == ["2", "3", "4", "5"]


def test_a_registry_that_appears_or_is_begun_anew_is_followed_from_its_start(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)

    def begin_anew() -> None:
        for path in Path(home.paths.home).glob("registry.db*"):
            path.rename(f"{path}.aside")
        happened(home, "new")

    steps = iter([lambda: happened(home, "1", "2"), begin_anew])
    stream = events.followed(home.context, 100, pause=lambda _: next(steps)())
    assert [event.detail for event in islice(stream, 3)] == ["1", "2", "new"]


def test_an_event_of_a_registry_that_appears_while_it_is_looked_for_is_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, read = Home(tmp_path), events.read
    first = iter(["1"])

    def read_what_has_just_appeared(context: Context, last: int, *, after: int = 0) -> list[Event]:
        happened(home, *first)
        return read(context, last, after=after)

    monkeypatch.setattr(events, "read", read_what_has_just_appeared)
    stream = events.followed(home.context, 100, pause=lambda _: happened(home, "2"))
    assert [event.detail for event in islice(stream, 2)] == ["1", "2"]


def test_an_output_that_is_closed_early_is_no_error(tmp_path: Path) -> None:
    home = Home(tmp_path)
    happened(home, *map(str, range(2000)))
    with subprocess.Popen(
        [sys.executable, "-m", "confab_sync", "events", "--last", "2000"],
        env={**home.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_two_sessions_are_told_apart(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, "/p/1.jsonl", "/w")
        registry.see("claude-code", TWO, "/p/2.jsonl", "/w")
    assert [(event["session"], event["event"]) for event in printed(home)] == [
        (ONE, "seen"),
        (TWO, "seen"),
    ]
