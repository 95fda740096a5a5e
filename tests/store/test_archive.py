"""An archive reads what its own user has, and nothing of anybody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import ForeignSession, StoreError
from confab_sync.store.archive import UserArchive
from confab_sync.store.schema import OWNER
from confab_sync.store.values import SideFile
from tests.store.factories import chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_read_whole_and_behind_any_line(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = new_session(store)
        store.append(session, chunk(b"one\ntwo\nthree"))
        archive = UserArchive(store.sessions_of(OWNER))
        assert b"".join(archive.read_file(session, "abc.jsonl")) == b"one\ntwo\nthree"
        rest = [b"".join(archive.read_after(session, "abc.jsonl", n)) for n in range(5)]
        assert rest == [b"one\ntwo\nthree", b"two\nthree", b"three", b"", b""]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = new_session(store)
        archive = UserArchive(store.sessions_of(OWNER))
        with pytest.raises(StoreError, match="no file 'x'"):
            list(archive.read_file(session, "x"))
        with pytest.raises(StoreError, match="no side file 'x'"):
            archive.read_side_file(session, "x")


def test_what_others_have_is_not_read(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = new_session(store)
        store.append(session, chunk(b"one\n"))
        store.put_side_file(session, SideFile("a.txt", b"whole", 5))
        theirs = UserArchive(store.sessions_of(store.accounts.add_user("ann@example.com").id))
        assert theirs.sessions() == []
        for read in (
            lambda: theirs.files(session),
            lambda: theirs.side_files(session),
            lambda: theirs.events(session),
            lambda: list(theirs.read_file(session, "abc.jsonl")),
            lambda: theirs.read_side_file(session, "a.txt"),
        ):
            with pytest.raises(ForeignSession):
                read()
