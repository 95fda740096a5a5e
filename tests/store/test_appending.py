"""A chunk follows on the last one, or is refused and leaves no trace (contract §3.3)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import NotContiguous, StoreError, UnknownSession

from .factories import chunk, content, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path

AWKWARD = b"\r\n\n\0\0\n\xff\xfe {\n" + "ü\u2028\n".encode() + b'torn {"a\n'


def test_bytes_are_kept_as_they_are(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        assert store.append(session_id, chunk(AWKWARD)) == AWKWARD.count(b"\n")
        assert content(store, session_id) == AWKWARD


def test_number_of_lines_is_returned(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        assert store.append(session_id, chunk(b"1\n2\n")) == 2
        assert store.append(session_id, chunk(b"3\n", first_line=3, source_end=6)) == 3


@pytest.mark.parametrize("first_line", [0, 1, 2, 4, 10**6])
def test_gap_overlap_and_repetition_name_the_expected_line(tmp_path: Path, first_line: int) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n2\n"))
        message = rf"^first_line must be 3 \(got {first_line}\) - chunks must be contiguous$"
        with pytest.raises(NotContiguous, match=message) as caught:
            store.append(session_id, chunk(b"x\n", first_line=first_line, source_end=9))
        assert caught.value.expected == 3
        assert content(store, session_id) == b"1\n2\n"


def test_unknown_file_begins_at_line_one(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        with pytest.raises(NotContiguous, match="must be 1"):
            store.append(session_id, chunk(b"x\n", first_line=2))
        assert store.files(session_id) == []


def test_names_that_begin_alike_are_different_files(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        for name in ("a", "a/b", "A", "a b"):
            store.append(session_id, chunk(name.encode() + b"\n", name=name))
        for name in ("a", "a/b", "A", "a b"):
            assert content(store, session_id, name) == name.encode() + b"\n"


def test_file_type_is_fixed_by_the_first_chunk(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n", file_type="agent"))
        store.append(session_id, chunk(b"2\n", first_line=2, source_end=4))
        (file,) = store.files(session_id)
        assert file.file_type == "agent"
        assert store.restart_file(session_id, "abc.jsonl").file_type == "agent"


def test_open_end_is_a_line_that_the_next_chunk_closes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        assert store.append(session_id, chunk(b"1\n{}", source_end=4)) == 2
        follow = chunk(b"\n3\n{}", first_line=3, after_open_end=True, source_end=9)
        assert store.append(session_id, follow) == 4
        assert content(store, session_id) == b"1\n{}\n3\n{}"
        assert store.check() == []


def test_newline_alone_closes_an_open_end_and_adds_no_line(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"{}"))
        closing = chunk(b"\n", first_line=2, after_open_end=True, source_end=3)
        assert closing.lines == 0
        assert store.append(session_id, closing) == 1
        assert store.append(session_id, chunk(b"2\n", first_line=2, source_end=5)) == 2
        assert content(store, session_id) == b"{}\n2\n"


def test_text_may_not_run_on_from_an_open_end(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"{}"))
        with pytest.raises(StoreError, match="no newline yet"):
            store.append(session_id, chunk(b"{}\n", first_line=2, source_end=5))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": b"", "lines": 0}, "empty"),
        ({"lines": 1}, "it adds 1 lines, but its bytes are 2"),
        ({"lines": 3}, "it adds 3 lines, but its bytes are 2"),
        ({"open_end": True, "lines": 3}, "newline is not as it says"),
        ({"data": b"a\nb"}, "newline is not as it says"),
        ({"file_type": ""}, "file type"),
        ({"file_type": "x" * 51}, "file type"),
        ({"file_type": "\ud800"}, "cannot keep this value"),
        ({"file_name": "../a"}, "file name"),
        ({"source_end": -1}, "before the 0 stored"),
        ({"source_end": 2**63}, "cannot keep this value"),
    ],
)
def test_chunk_that_contradicts_itself_leaves_no_trace(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        with pytest.raises(StoreError, match=reason):
            store.append(session_id, replace(chunk(b"a\nb\n"), **change))  # type: ignore[arg-type]
        assert store.files(session_id) == []
        assert store.append(session_id, chunk(b"a\nb\n")) == 2


def test_source_position_never_goes_back(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"1\n", source_end=50))
        with pytest.raises(StoreError, match="ends at byte 49"):
            store.append(session_id, chunk(b"2\n", first_line=2, source_end=49))


@pytest.mark.parametrize("session_id", ["", "nothing", "\ud800"])
def test_unknown_session_is_refused(tmp_path: Path, session_id: str) -> None:
    with open_store(tmp_path) as store, pytest.raises(StoreError) as caught:
        store.append(session_id, chunk(b"1\n"))
    assert isinstance(caught.value, UnknownSession) == session_id.isascii()


def test_chunk_of_64_mib_is_stored_and_read_in_small_pieces(tmp_path: Path) -> None:
    data = bytes(range(256)) * (64 * 1024 * 4 - 1) + b"x" * 255 + b"\n"
    assert len(data) == 64 * 1024 * 1024
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(data))
        pieces = list(store.read_file(session_id, "abc.jsonl"))
        assert b"".join(pieces) == data
        assert max(map(len, pieces)) <= 1024 * 1024
        assert store.check() == []
