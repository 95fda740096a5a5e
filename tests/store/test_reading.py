"""Reading gives the bytes of one moment, however long it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import StoreDamaged, StoreError

from .factories import chunk, new_session, open_store, tamper

if TYPE_CHECKING:
    from pathlib import Path

BIG = b"x" * (1024 * 1024 - 1) + b"\n"


def test_bytes_that_arrive_while_reading_belong_to_the_next_reading(tmp_path: Path) -> None:
    with open_store(tmp_path) as reader, open_store(tmp_path) as writer:
        session_id = new_session(writer)
        writer.append(session_id, chunk(BIG + b"tail\n"))
        reading = reader.read_file(session_id, "abc.jsonl")
        assert next(reading) == BIG
        more = chunk(b"more\n" + BIG, first_line=3, source_end=2 * len(BIG))
        writer.append(session_id, more)
        assert list(reading) == [b"tail\n"]


def test_restart_does_not_disturb_a_reader(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(BIG + b"tail\n"))
        reading = store.read_file(session_id, "abc.jsonl")
        next(reading)
        store.restart_file(session_id, "abc.jsonl")
        assert list(reading) == [b"tail\n"]


def test_deletion_while_reading_is_told(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(BIG + b"tail\n"))
        reading = store.read_file(session_id, "abc.jsonl")
        next(reading)
        store.delete_session(session_id)
        with pytest.raises(StoreError, match="deleted while it was read"):
            next(reading)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE chunks SET data = x'00'", "cannot be decompressed"),
        ("UPDATE chunks SET digest = x'00'", "another digest"),
        ("DELETE FROM chunks WHERE start > 0", "no chunk begins at byte 1048576"),
    ],
)
def test_damage_is_never_handed_out(tmp_path: Path, statement: str, what: str) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(BIG + b"tail\n"))
    tamper(tmp_path, statement)
    with open_store(tmp_path) as store, pytest.raises(StoreDamaged, match=what):
        list(store.read_file(session_id, "abc.jsonl"))


def test_append_onto_damage_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n"))
    tamper(tmp_path, "UPDATE chunks SET data = x'00'")
    with open_store(tmp_path) as store, pytest.raises(StoreDamaged, match=r"end of 'abc\.jsonl'"):
        store.append(session_id, chunk(b"2\n", first_line=2, source_end=4))
