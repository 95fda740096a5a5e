"""The registry's file is private, never made unasked, and says what is wrong with it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine.known import Acknowledged
from confab_sync.errors import RegistryError
from tests.engine.registries import FILE, KEY, open_registry, seen

if TYPE_CHECKING:
    from pathlib import Path


def tamper(directory: Path, statement: str) -> None:
    with closing(sqlite3.connect(directory / "registry.db")) as connection:
        connection.execute(statement)
        connection.commit()


def test_files_are_private(tmp_path: Path) -> None:
    with closing(seen(tmp_path / "new")):
        modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "new").iterdir()}
    assert set(modes.values()) == {0o600}
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [b"no database " * 500, b"x", b"SQLite format 3\0" * 300])
def test_damaged_registry_says_so_and_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "registry.db").write_bytes(content)
    with pytest.raises(
        RegistryError, match=r"the registry .* is damaged; the next session moves it aside"
    ):
        open_registry(tmp_path)


def test_registry_without_its_tables_is_damaged(tmp_path: Path) -> None:
    seen(tmp_path).close()
    tamper(tmp_path, "DROP TABLE acknowledged")
    with closing(open_registry(tmp_path)) as registry:
        with pytest.raises(RegistryError, match="damaged"):
            registry.acknowledge(*KEY, FILE, Acknowledged(0, 8, b"d"))
        assert registry.files(*KEY) == {}, "a failed write leaves nothing half done"


def test_newer_registry_is_left_alone(tmp_path: Path) -> None:
    seen(tmp_path).close()
    tamper(tmp_path, "PRAGMA user_version = 99")
    with pytest.raises(RegistryError, match=r"the registry .* newer confab") as caught:
        open_registry(tmp_path)
    assert caught.value.exit_status == 5


def test_missing_registry_is_not_created_unasked(tmp_path: Path) -> None:
    with pytest.raises(RegistryError):
        open_registry(tmp_path, create=False)
    assert list(tmp_path.iterdir()) == []


def test_unusable_place_is_a_registry_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RegistryError, match="cannot be used"):
        open_registry(tmp_path / "file")


def test_value_that_is_no_unicode_is_a_registry_error(tmp_path: Path) -> None:
    with closing(open_registry(tmp_path)) as registry, pytest.raises(RegistryError):
        registry.see(*KEY, "/p/\udcff.jsonl", "")


def test_registry_that_was_taken_away_knows(tmp_path: Path) -> None:
    with closing(seen(tmp_path)) as registry:
        assert registry.is_in_place()
        (tmp_path / "registry.db").rename(tmp_path / "away")
        assert not registry.is_in_place()
        with closing(open_registry(tmp_path)) as other:
            assert not registry.is_in_place()
            assert other.is_in_place()
