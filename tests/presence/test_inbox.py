from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.presence import inbox
from tests.processes import finish, line_of, python

APPENDER = """
import sys
from confab_sync.presence import inbox
print("ready", flush=True)
sys.stdin.readline()
for number in range(300):
    inbox.append(sys.argv[1], {"who": sys.argv[2], "number": number, "text": "x" * number})
"""

ON_A_FULL_DISK = """
import os, resource, sys
from confab_sync.presence import inbox
room = os.stat(sys.argv[1]).st_size + int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
try:
    inbox.append(sys.argv[1], {"type": "stop"})
except OSError:
    print("refused")
"""

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
RECORDS = st.dictionaries(st.text(), VALUES, min_size=1, max_size=3)


@given(st.lists(RECORDS, max_size=5))
def test_what_is_appended_reads_back_in_order(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    path = f"{tmp_path_factory.mktemp('inbox')}/s.inbox.jsonl"
    for record in records:
        inbox.append(path, record)
    assert inbox.read(path) == (records, inbox.size(path))


def test_a_missing_inbox_is_empty_and_not_created(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.inbox.jsonl"
    assert inbox.read(path) == ([], 0)
    assert inbox.size(path) == 0
    assert not os.path.exists(path)


def test_an_inbox_is_private(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.inbox.jsonl"
    inbox.append(path, {"a": 1})
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_writers_at_once_lose_nothing_and_keep_their_own_order(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.inbox.jsonl"
    names = ["a", "b", "c", "d"]
    writers = [python(APPENDER, path, name) for name in names]
    assert {line_of(writer) for writer in writers} == {"ready"}
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        finish(writer)
    records, _ = inbox.read(path)
    assert len(records) == 300 * len(names)
    for name in names:
        mine = [record["number"] for record in records if record["who"] == name]
        assert mine == list(range(300))


def test_the_line_that_a_dying_writer_left_open_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "s.inbox.jsonl"
    inbox.append(str(path), {"first": 1})
    with path.open("ab") as torn:
        torn.write(b'{"type":"session_e')
    inbox.append(str(path), {"second": 2})
    assert inbox.read(str(path))[0] == [{"first": 1}, {"second": 2}]


@pytest.mark.parametrize(
    "junk", [b"not json", b"[1]", b"7", b'"text"', b"{}", b"", b"\xff\xfe", b"\0" * 9, b"[" * 9999]
)
def test_a_line_that_is_no_record_is_passed_over(tmp_path: Path, junk: bytes) -> None:
    path = tmp_path / "s.inbox.jsonl"
    path.write_bytes(b'{"a":1}\n' + junk + b'\n{"b":2}\r\n')
    assert inbox.read(str(path)) == ([{"a": 1}, {"b": 2}], path.stat().st_size)


def test_a_last_record_without_its_newline_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "s.inbox.jsonl"
    path.write_bytes(b'{"a":1}\n{"b":2}')
    assert inbox.read(str(path))[0] == [{"a": 1}, {"b": 2}]


@pytest.mark.parametrize("room", [0, 1, 10])
def test_a_full_disk_is_an_os_error_and_leaves_no_half_record(tmp_path: Path, room: int) -> None:
    path = tmp_path / "s.inbox.jsonl"
    inbox.append(str(path), {"first": 1})
    before = path.read_bytes()
    assert finish(python(ON_A_FULL_DISK, str(path), str(room))) == "refused\n"
    assert path.read_bytes() == before
    inbox.append(str(path), {"second": 2})
    assert inbox.read(str(path))[0] == [{"first": 1}, {"second": 2}]


def test_a_symlink_is_never_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("")
    path = tmp_path / "s.inbox.jsonl"
    path.symlink_to(target)
    with pytest.raises(OSError):  # noqa: PT011
        inbox.append(str(path), {"a": 1})
    with pytest.raises(OSError):  # noqa: PT011
        inbox.read(str(path))
    with pytest.raises(OSError):  # noqa: PT011
        inbox.open_for_departure(str(path))
    assert target.read_text() == ""


def test_a_directory_in_its_place_is_an_os_error(tmp_path: Path) -> None:
    path = tmp_path / "s.inbox.jsonl"
    path.mkdir()
    with pytest.raises(OSError):  # noqa: PT011
        inbox.append(str(path), {"a": 1})
    with pytest.raises(OSError):  # noqa: PT011
        inbox.read(str(path))


def test_of_an_endless_inbox_the_size_is_known_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a daemon would wait for ever to have seen the rest, and never leave."""
    monkeypatch.setattr(inbox, "LARGEST", 20)
    path = f"{tmp_path}/s.inbox.jsonl"
    for number in range(9):
        inbox.append(path, {"number": number})
    records, seen = inbox.read(path)
    assert records == [{"number": 0}]
    assert seen == inbox.size(path)


def test_a_record_waits_for_a_departure_and_goes_into_a_new_inbox(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.inbox.jsonl"
    guard = inbox.open_for_departure(path)
    writer = python(APPENDER, path, "a")
    assert line_of(writer) == "ready"
    assert writer.stdin is not None
    writer.stdin.write("\n")
    writer.stdin.flush()
    os.unlink(path)
    os.close(guard)
    finish(writer)
    assert len(inbox.read(path)[0]) == 300


def test_the_guard_is_of_the_inbox_that_is_there_now(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.inbox.jsonl"
    guard = inbox.open_for_departure(path)
    other = os.open(path, os.O_RDWR)
    with pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
    os.close(guard)


def test_who_holds_the_lock_for_ever_does_not_keep_a_writer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PATIENCE", 0.0)
    path = f"{tmp_path}/s.inbox.jsonl"
    guard = inbox.open_for_departure(path)
    inbox.append(path, {"a": 1})
    assert inbox.read(path)[0] == [{"a": 1}]
    os.close(guard)


def test_where_files_cannot_be_locked_records_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_descriptor: int, _kind: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    path = f"{tmp_path}/s.inbox.jsonl"
    inbox.append(path, {"a": 1})
    assert inbox.read(path)[0] == [{"a": 1}]
