"""Syncing goes on without a registry, and a registry that is back is used again."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine.known import Acknowledged, KnownFile
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.position import Position
from confab_sync.engine.registry import Registry
from tests.engine.factories import SESSION, now

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.errors import RegistryError

KEY = ("claude-code", SESSION)
FILE = KnownFile("x.jsonl", "transcript", Position(1, 4))


class Page:
    """A ledger on a registry below `directory`, and what it complained about."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "registry.db"
        self.complaints: list[RegistryError] = []
        self.opened = 0
        self.ledger = Ledger(*KEY, self.open, self.complaints.append)

    def open(self) -> Registry:
        self.opened += 1
        return Registry(str(self.path), clock=now)

    def damage(self) -> None:
        for path in self.path.parent.glob("registry.db*"):
            path.unlink()
        self.path.write_bytes(b"no database " * 500)

    def remove(self) -> None:
        for path in self.path.parent.glob("registry.db*"):
            path.unlink()


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path) -> None:
    page = Page(tmp_path)
    page.ledger.close()
    assert (page.opened, list(tmp_path.iterdir())) == (0, [])


def test_what_is_told_is_found_again(tmp_path: Path) -> None:
    ledger = Page(tmp_path).ledger
    ledger.see("/p/x.jsonl", "/home/u")
    ledger.opened("embedded", "id")
    ledger.acknowledge(FILE, Acknowledged(0, 4, b"d"))
    ledger.record("ended", "quiet")
    ledger.settle(finished=True)
    ledger.close()
    again = Page(tmp_path)
    assert again.ledger.files() == {FILE.name: FILE}
    assert again.ledger.spans(FILE.name) == [Acknowledged(0, 4, b"d")]
    with closing(again.open()) as registry:
        session = registry.session(*KEY)
        assert session is not None
        assert (session.finished, session.backend_session_id) == (True, "id")
        assert registry.events()[-1].event == "ended"
    again.ledger.close()


def test_damaged_registry_is_complained_about_and_nothing_raises(tmp_path: Path) -> None:
    page = Page(tmp_path)
    page.damage()
    ledger = page.ledger
    ledger.see("/p/x.jsonl", "")
    ledger.opened("embedded", "id")
    ledger.acknowledge(FILE, Acknowledged(0, 4, b"d"))
    ledger.settle(finished=True)
    ledger.record("ended")
    assert (ledger.files(), ledger.spans("x.jsonl")) == ({}, [])
    assert len(page.complaints) == 7
    ledger.close()


@pytest.mark.parametrize("how", ["damage", "remove"])
def test_registry_that_is_lost_and_back_is_told_what_it_has_to_know(
    tmp_path: Path, how: str
) -> None:
    page = Page(tmp_path)
    page.ledger.see("/p/x.jsonl", "/home/u")
    page.ledger.opened("embedded", "id")
    page.ledger.settle(finished=False, error="locked")
    getattr(page, how)()
    page.ledger.record("something")
    page.remove()
    page.ledger.acknowledge(FILE, Acknowledged(0, 4, b"d"))
    with closing(page.open()) as registry:
        session = registry.session(*KEY)
        assert session is not None
        assert (session.transcript_path, session.cwd) == ("/p/x.jsonl", "/home/u")
        assert (session.backend_session_id, session.last_error) == ("id", "locked")
        assert registry.files(*KEY) == {FILE.name: FILE}
    assert not page.ledger.is_behind
    assert len(page.complaints) == (1 if how == "damage" else 0)
    page.ledger.close()


def test_ledger_knows_when_its_registry_could_not_be_told(tmp_path: Path) -> None:
    page = Page(tmp_path)
    page.damage()
    page.ledger.see("/p/x.jsonl", "/home/u")
    assert not page.ledger.is_behind  # one that was never there has missed nothing
    page.remove()
    page.ledger.see("/p/x.jsonl", "/home/u")
    page.damage()
    page.ledger.record("something")
    assert page.ledger.is_behind
    page.ledger.close()


def test_closed_ledger_opens_again_without_telling_anything_twice(tmp_path: Path) -> None:
    page = Page(tmp_path)
    page.ledger.see("/p/x.jsonl", "")
    page.ledger.settle(finished=True)
    page.ledger.close()
    page.ledger.record("ended")
    with closing(page.open()) as registry:
        session = registry.session(*KEY)
    assert session is not None
    assert session.finished
    page.ledger.close()
