"""A damaged registry is moved aside once; a newer one, or one that cannot be read now, stays."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine.ledger import Ledger
from confab_sync.engine.registry import Registry
from confab_sync.engine.registry_rescue import moved_aside, open_registry, rescue
from confab_sync.errors import RegistryError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = ("claude-code", "abc")


def place(directory: Path) -> str:
    return str(directory / "registry.db")


def opened(directory: Path, moved: list[str]) -> Registry:
    return open_registry(place(directory), clock=lambda: NOW, moved=moved.append)


def with_a_session(directory: Path) -> None:
    with closing(opened(directory, [])) as registry:
        registry.see(*KEY, "/p/abc.jsonl", "")


@pytest.mark.parametrize("content", [b"no database " * 500, b"x", b"SQLite format 3\0" * 300])
def test_damaged_registry_makes_place_for_a_new_one_and_is_kept(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "registry.db").write_bytes(content)
    (tmp_path / "registry.db-wal").write_bytes(b"journal")
    moved: list[str] = []
    with closing(opened(tmp_path, moved)) as registry:
        assert registry.sessions() == []
    [aside] = moved
    assert moved_aside(place(tmp_path)) == [aside]
    with open(aside, "rb") as stream:
        assert stream.read() == content
    with closing(opened(tmp_path, moved)):
        assert len(moved) == 1


def test_sound_registry_stays(tmp_path: Path) -> None:
    with_a_session(tmp_path)
    assert not rescue(place(tmp_path), clock=lambda: NOW, moved=lambda _: None)
    with closing(opened(tmp_path, [])) as registry:
        assert registry.session(*KEY) is not None


def test_newer_registry_is_refused_and_stays(tmp_path: Path) -> None:
    with_a_session(tmp_path)
    with closing(sqlite3.connect(place(tmp_path))) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.commit()
    with pytest.raises(RegistryError, match="newer confab"):
        opened(tmp_path, [])
    assert moved_aside(place(tmp_path)) == []


def test_damage_that_shows_in_use_is_mended_for_the_next_use(tmp_path: Path) -> None:
    """A daemon opens the registry once, and may find out much later."""
    with_a_session(tmp_path)
    complaints: list[RegistryError] = []
    moved: list[str] = []
    ledger = Ledger(
        *KEY,
        lambda: opened(tmp_path, moved),
        complaints.append,
        lambda: rescue(place(tmp_path), clock=lambda: NOW, moved=moved.append),
    )
    ledger.see("/p/abc.jsonl", "/home/u")
    with closing(sqlite3.connect(place(tmp_path))) as connection:
        connection.execute("DROP TABLE acknowledged")
        connection.commit()
    assert ledger.spans("abc.jsonl") == []
    assert (len(complaints), len(moved)) == (1, 1)
    assert ledger.files() == {}
    with closing(opened(tmp_path, [])) as registry:
        session = registry.session(*KEY)
        assert session is not None
        assert session.cwd == "/home/u"
    assert len(complaints) == 1
    ledger.close()


def test_place_that_cannot_be_written_is_a_registry_error(tmp_path: Path) -> None:
    (tmp_path / "registry.db").write_bytes(b"x")
    (tmp_path / "registry.db.rescue").mkdir()
    with pytest.raises(RegistryError, match="cannot be moved aside"):
        opened(tmp_path, [])
