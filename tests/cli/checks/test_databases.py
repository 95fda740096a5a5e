"""The databases are opened, and looked at as far as a moment allows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from confab_sync.cli.checks.databases import checks, soundness
from confab_sync.cli.save import command as save
from confab_sync.errors import StoreUnavailable
from confab_sync.installer import upgrade_command
from confab_sync.store.failures import FULL
from tests.cli.archives import Home
from tests.cli.checks.finding import none, one


def archived(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    return home


def test_sound_databases_are_fine(tmp_path: Path) -> None:
    found = list(checks(archived(tmp_path).context))
    assert [each.verdict for each in found] == ["ok", "ok"]
    assert one(found, "store").found == "opens; 1 session"


def test_before_the_first_session_there_are_none(tmp_path: Path) -> None:
    found = list(checks(Home(tmp_path).context))
    assert one(found, "store").verdict == "ok"
    assert none(found, "registry")


def test_a_damaged_registry_is_told_with_what_to_do(tmp_path: Path) -> None:
    home = archived(tmp_path)
    home.damage_the_registry()
    found = one(checks(home.context), "registry")
    assert found.verdict == "fail"
    assert found.remedy == "confab save --all"


def test_a_damaged_store_is_told(tmp_path: Path) -> None:
    home = archived(tmp_path)
    store = Path(home.paths.store)
    store.write_bytes(store.read_bytes()[:4096] + b"\xff" * (store.stat().st_size - 4096))
    assert one(checks(home.context), "store").verdict == "fail"


def test_where_the_disk_is_full_its_room_is_what_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()

    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable(f"the store cannot be used now: {FULL}")

    monkeypatch.setattr("confab_sync.store.database.Database.__init__", full)
    directory = tmp_path / "confab"
    assert one(checks(home.context), "store").remedy == f"df -h {directory}"
    assert one(checks(home.context), "registry").remedy == f"df -h {directory}"


def test_a_store_that_is_gone_is_not_taken_for_one_that_is_yet_to_come(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    for path in (tmp_path / "confab").glob("store.db*"):
        path.unlink()
    found = one(checks(home.context), "store")
    path = tmp_path / "confab" / "registry.db"
    assert found.remedy == f"mv {path} {path}.aside && confab save --all"
    assert (found.verdict, found.found[:27]) == ("fail", "it is gone, with 1 session:")
    path.rename(f"{path}.aside")
    assert CliRunner().invoke(save, ["--all"], obj=home.context).exit_code == 0
    assert one(checks(home.context), "store").found == "opens; 1 session"


def test_a_store_of_a_newer_confab_names_the_upgrade(tmp_path: Path) -> None:
    home = archived(tmp_path)
    with closing(sqlite3.connect(home.paths.store)) as connection:
        connection.execute("PRAGMA user_version = 99")
    found = one(checks(home.context), "store")
    assert (found.verdict, found.remedy) == ("fail", upgrade_command())
    assert upgrade_command() in found.found


def test_looking_ends_when_its_time_is_over(tmp_path: Path) -> None:
    path = str(tmp_path / "large.db")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (x TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 100,)] * 20_000)
    assert soundness(path) == ""
    assert soundness(path, seconds=0.0) == ""


def test_a_damaged_registry_that_was_moved_aside_is_told(tmp_path: Path) -> None:
    home = archived(tmp_path)
    Path(home.paths.registry + ".damaged-20260301T120000Z").write_bytes(b"what it was")
    found = one(checks(home.context), "damaged registry")
    assert found.verdict == "warn"
    assert ".damaged-20260301T120000Z" in found.remedy
