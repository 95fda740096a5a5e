"""`confab store` says how the store is, and makes room."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from confab_sync.cli.context import Context
from confab_sync.cli.pruning import parse_age
from confab_sync.cli.store import group
from confab_sync.errors import StoreDamaged, StoreUnavailable, UsageError
from confab_sync.paths import Paths
from confab_sync.presence import marker
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def context(home: Path, now: datetime = NOW) -> Context:
    environ = {"CONFAB_HOME": str(home)}
    return Context(environ=environ, paths=Paths(environ), clock=lambda: now)


def fill(home: Path, external_id: str = "abc", now: datetime = NOW) -> None:
    with Store.open(context(home).paths.store, clock=lambda: now) as store:
        opened = store.open_session(SessionInfo("claude-code", external_id, "/t"))
        store.append(opened.session_id, Chunk("abc.jsonl", "transcript", 1, 1, b"12\n", 3))


def run(home: Path, *arguments: str) -> str:
    runner = CliRunner()
    result = runner.invoke(group, arguments, obj=context(home), standalone_mode=False)
    if result.exception:
        result.exception.add_note(result.output)
        raise result.exception
    return result.output


def test_sound_store_is_told_in_one_sentence(tmp_path: Path) -> None:
    fill(tmp_path)
    output = run(tmp_path, "check")
    assert output.startswith(f"The store {tmp_path}/store.db is sound: 1 session, 1 file, 3 bytes")
    assert output.count("\n") == 1


def test_problems_are_listed_and_the_status_is_5(tmp_path: Path) -> None:
    fill(tmp_path)
    connection = sqlite3.connect(tmp_path / "store.db")
    with connection:
        connection.execute("UPDATE chunks SET digest = x'00'")
    connection.close()
    with pytest.raises(StoreDamaged, match="has 1 problem; restore it") as caught:
        run(tmp_path, "check")
    assert caught.value.exit_status == 5
    assert "file 'abc.jsonl', byte 0: has another digest" in caught.value.__notes__[0]


@pytest.mark.parametrize("arguments", [["check"], ["prune", "--keep", "1d"], ["backup", "copy.db"]])
def test_missing_store_is_told_and_not_created(tmp_path: Path, arguments: list[str]) -> None:
    with pytest.raises(StoreUnavailable, match="there is no store"):
        run(tmp_path, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_written_and_named_with_its_size(tmp_path: Path) -> None:
    fill(tmp_path)
    target = tmp_path / "copy.db"
    assert run(tmp_path, "backup", str(target)).startswith(f"The store is copied to {target} (")
    with Store.open(str(target), clock=lambda: NOW, create=False) as copy:
        assert [session.external_id for session in copy.sessions()] == ["abc"]


def test_prune_removes_what_is_older_and_names_it(tmp_path: Path) -> None:
    fill(tmp_path, "old", NOW - timedelta(days=31))
    fill(tmp_path, "new", NOW - timedelta(days=29))
    would = run(tmp_path, "prune", "--keep", "30d", "--dry-run")
    assert would.startswith("old\nWould remove 1 session (")
    done = run(tmp_path, "prune", "--keep", "30d")
    assert done == would.replace("Would remove", "Removed")
    assert run(tmp_path, "prune", "--keep", "30d").startswith("Nothing to remove")


def test_programs_are_told_the_same_as_json(tmp_path: Path) -> None:
    fill(tmp_path, "old", NOW - timedelta(days=31))
    sound = json.loads(run(tmp_path, "check", "--json"))
    assert sound["path"] == f"{tmp_path}/store.db"
    assert (sound["problems"], sound["sessions"], sound["raw_bytes"]) == ([], 1, 3)
    gone = json.loads(run(tmp_path, "prune", "--keep", "30d", "--json"))
    assert (gone["sessions"], gone["dry_run"]) == (["old"], False)
    assert gone["freed_bytes"] > 0


def test_prune_needs_an_age(tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(click.MissingParameter, match="keep"):
        run(tmp_path, "prune")
    with pytest.raises(UsageError, match="before the first year"):
        run(tmp_path, "prune", "--keep", "999999d")


@pytest.mark.parametrize(
    ("text", "hours"), [("6h", 6), ("30d", 720), ("12w", 2016), ("400D", 9600), (" 1h ", 1)]
)
def test_age_is_a_number_and_a_unit(text: str, hours: int) -> None:
    assert parse_age(text) == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "0d", "1.5d", "1m", "1d1h", "999999999w"])
def test_other_ages_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not an age"):
        parse_age(text)


@pytest.mark.parametrize("command", ["check", "prune"])
def test_help_has_an_example(command: str, tmp_path: Path) -> None:
    assert f"Example: confab store {command}" in run(tmp_path, command, "--help")


def test_pruned_session_that_is_still_on_disk_is_not_copied_again(tmp_path: Path) -> None:
    old = NOW - timedelta(days=2)
    transcript = tmp_path / "abc.jsonl"
    transcript.write_bytes(b"12\n")
    with Store.open(context(tmp_path).paths.store, clock=lambda: old) as store:
        store.open_session(SessionInfo("claude-code", "abc", str(transcript)))
        store.open_session(SessionInfo("claude-code", "gone", "/nowhere"))
        store.open_session(SessionInfo("claude-code", "../odd", str(transcript)))
    paths = context(tmp_path).paths
    assert run(tmp_path, "prune", "--keep", "1d", "--dry-run").startswith("abc\n")
    assert marker.reason(paths.session("abc").off) is None
    run(tmp_path, "prune", "--keep", "1d")
    assert marker.reason(paths.session("abc").off) == marker.DELETED
    assert [path.name for path in tmp_path.rglob("*.off")] == ["abc.off"]
