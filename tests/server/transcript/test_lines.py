"""Any lines of a file are read as they are stored, whatever rows they lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.server.transcript import lines as module
from confab_sync.server.transcript.lines import Line, read_lines
from confab_sync.store.chunks import ROW_BYTES
from confab_sync.store.schema import OWNER
from tests.store.factories import chunk, new_session, open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_lines_are_read_from_anywhere_to_anywhere(tmp_path: Path) -> None:
    lines = [bytes([65 + n % 26]) * (n * 7919 % 40_000) for n in range(120)]
    lines[60] = b"L" * (3 * ROW_BYTES)
    data = b"".join(line + b"\n" for line in lines)
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(data))
        sessions = store.sessions_of(OWNER)
        file = sessions.find_file(session_id, "abc.jsonl")
        assert file is not None
        for first, last in ((1, 120), (1, 1), (60, 62), (61, 61), (62, 90), (120, 200), (121, 130)):
            found = list(read_lines(sessions, file, first, last))
            wanted = list(enumerate(lines, 1))[first - 1 : last]
            assert found == [Line(number, line, len(line)) for number, line in wanted]


def test_last_line_without_its_newline_is_a_line(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"one\ntwo"))
        sessions = store.sessions_of(OWNER)
        file = sessions.find_file(session_id, "abc.jsonl")
        assert file is not None
        assert [line.data for line in read_lines(sessions, file, 1, 9)] == [b"one", b"two"]


def test_line_that_is_too_long_is_told_without_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_LINE", ROW_BYTES * 2)
    size = ROW_BYTES * 4 + 5
    with open_store(tmp_path) as store:
        session_id = new_session(store)
        store.append(session_id, chunk(b"a\n" + b"x" * size + b"\nb\n"))
        sessions = store.sessions_of(OWNER)
        file = sessions.find_file(session_id, "abc.jsonl")
        assert file is not None
        found = list(read_lines(sessions, file, 1, 3))
        assert found == [Line(1, b"a", 1), Line(2, None, size), Line(3, b"b", 1)]
