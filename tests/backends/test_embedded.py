"""The embedded backend stores, and every failure of the store becomes the right kind of error."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.errors import (
    BackendError,
    BackendRefused,
    BackendUnavailable,
    PositionMoved,
    SessionGone,
)
from confab_sync.store.chunks import MERGE_BELOW, ROW_BYTES
from confab_sync.store.codec import Packed
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo, SideFile
from tests.engine.factories import NOW, now

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INFO = SessionInfo("claude-code", "abc", "/p/abc.jsonl")


def chunk(data: bytes, first_line: int = 1, name: str = "abc.jsonl") -> Chunk:
    return Chunk(name, "transcript", first_line, data.count(b"\n"), data, len(data))


def backend(directory: Path) -> EmbeddedBackend:
    return EmbeddedBackend(str(directory / "store.db"))


def test_what_is_sent_is_in_the_store(tmp_path: Path) -> None:
    sender = backend(tmp_path)
    session_id = sender.open_session(INFO).session_id
    assert sender.append(session_id, chunk(b"one\ntwo\n")).lines == 2
    sender.put_side_file(session_id, SideFile("x.txt", b"x", 1))
    sender.end_session(session_id, NOW, {"reason": "other"})
    assert sender.restart_file(session_id, "abc.jsonl").generation == 2
    sender.close()
    with Store.open(str(tmp_path / "store.db"), clock=now, create=False) as store:
        assert b"".join(store.read_file(session_id, "abc.jsonl", 1)) == b"one\ntwo\n"
        assert store.read_side_file(session_id, "x.txt") == b"x"


def test_store_is_opened_when_it_is_needed_and_again_after_closing(tmp_path: Path) -> None:
    sender = backend(tmp_path)
    sender.close()
    assert list(tmp_path.iterdir()) == []
    session_id = sender.open_session(INFO).session_id
    sender.close()
    sender.close()
    assert sender.open_session(INFO).session_id == session_id
    sender.close()


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda sender, id_, _: sender.append(id_, chunk(b"x\n", 2)), PositionMoved),
        (lambda sender, _, gone: sender.append(gone, chunk(b"x\n")), SessionGone),
        (lambda sender, _, gone: sender.restart_file(gone, "abc.jsonl"), SessionGone),
        (lambda sender, _, gone: sender.put_side_file(gone, SideFile("x", b"", 1)), SessionGone),
        (lambda sender, _, gone: sender.end_session(gone, NOW, None), SessionGone),
        (lambda sender, *_: sender.append("another store's", chunk(b"x\n")), PositionMoved),
        (lambda sender, id_, _: sender.append(id_, chunk(b"x\n", 1, "../x")), BackendRefused),
        (lambda sender, id_, _: sender.append(id_, chunk(b"", 1)), BackendRefused),
        (lambda sender, id_, _: sender.restart_file(id_, "none"), BackendRefused),
        (lambda sender, id_, _: sender.put_side_file(id_, SideFile("/x", b"", 1)), BackendRefused),
    ],
)
def test_refusals_are_told_apart(
    tmp_path: Path, call: Callable[[EmbeddedBackend, str, str], object], kind: type[BackendError]
) -> None:
    sender = backend(tmp_path)
    gone = sender.open_session(INFO).session_id
    with Store.open(str(tmp_path / "store.db"), clock=now, create=False) as store:
        store.delete_session(gone)
    session_id = sender.open_session(INFO).session_id
    with pytest.raises(BackendError) as caught:
        call(sender, session_id, gone)
    assert type(caught.value) is kind
    sender.close()


def damage(path: Path) -> None:
    path.write_bytes(b"no database " * 500)


def take_tables_away(path: Path) -> None:
    Store.open(str(path), clock=now).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE chunks")


def write_with_a_newer_confab(path: Path) -> None:
    Store.open(str(path), clock=now).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def put_a_directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    "harm", [damage, take_tables_away, write_with_a_newer_confab, put_a_directory]
)
def test_store_that_cannot_be_used_may_be_mended_while_the_daemon_lives(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    path = tmp_path / "store.db"
    harm(path)
    sender = backend(tmp_path)
    with pytest.raises(BackendUnavailable):
        sender.append(sender.open_session(INFO).session_id, chunk(b"one\n"))
    sender.close()
    for left in list(tmp_path.iterdir()):
        if left.is_dir():
            left.rmdir()
        else:
            left.unlink()
    assert sender.append(sender.open_session(INFO).session_id, chunk(b"one\n")).lines == 1
    sender.close()


@pytest.mark.parametrize(
    ("size", "is_packed"),
    [(1, False), (MERGE_BELOW, True), (ROW_BYTES, True), (ROW_BYTES + 1, False)],
)
def test_only_what_is_likely_to_be_a_row_is_packed_in_advance(
    tmp_path: Path, size: int, is_packed: bool
) -> None:
    given = chunk(b"x" * (size - 1) + b"\n")
    prepared = backend(tmp_path).prepared(given)
    assert isinstance(prepared.prepared, Packed) is is_packed
    assert prepared.data is given.data
