"""What a batch holds, what is held back, and how a rewritten file is noticed."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine import tail
from confab_sync.engine.known import Acknowledged
from confab_sync.engine.position import HEAD, NO_EVIDENCE, START, TAIL, Evidence, Position, digest
from confab_sync.engine.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from confab_sync.engine.reader import Reader

is_complete = ClaudeCode().is_complete
in_tmp_path = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@contextmanager
def holding(directory: Path, data: bytes) -> Iterator[Reader]:
    path = directory / "file"
    path.write_bytes(data)
    with open_reader(str(path)) as reader:
        yield reader


def batches(reader: Reader, *, limit: int = tail.BATCH, final: bool = False) -> list[tail.Batch]:
    """All there is to send, as one daemon would take it."""
    position, evidence = START, NO_EVIDENCE
    found = []
    check = is_complete if final else None
    while batch := tail.read_batch(reader, position, evidence, is_complete=check, limit=limit):
        found.append(batch)
        position, evidence = batch.position, batch.evidence
    return found


@in_tmp_path
@given(st.binary(max_size=300), st.integers(1, 40))
def test_batches_are_the_complete_lines_in_order(tmp_path: Path, data: bytes, limit: int) -> None:
    with holding(tmp_path, data) as reader:
        found = batches(reader, limit=limit)
    whole = data[: data.rfind(b"\n") + 1]
    assert b"".join(batch.data for batch in found) == whole
    assert sum(batch.lines for batch in found) == whole.count(b"\n")
    assert all(batch.data.endswith(b"\n") for batch in found)
    lines = 0
    for batch in found:
        assert batch.first_line == lines + 1
        lines += batch.lines
        assert batch.position.lines == lines


@in_tmp_path
@given(st.lists(st.sampled_from([b"{}", b"x", b"\n", b"\r\n", b'{"a":1}', b"\0"]), max_size=12))
def test_appending_in_any_pieces_gives_the_same_copy(tmp_path: Path, pieces: list[bytes]) -> None:
    """Also when each state of the file is taken for its last."""
    path = tmp_path / "file"
    path.write_bytes(b"")
    position, evidence, sent = START, NO_EVIDENCE, b""
    with open_reader(str(path)) as reader:
        for piece in pieces:
            with path.open("ab") as file:
                file.write(piece)
            try:
                batch = tail.read_batch(reader, position, evidence, is_complete=is_complete)
            except tail.FileRewritten:  # a line that was whole went on
                position, evidence, sent = START, NO_EVIDENCE, b""
                batch = tail.read_batch(reader, position, evidence, is_complete=is_complete)
            if batch is not None:
                position, evidence, sent = batch.position, batch.evidence, sent + batch.data
            assert path.read_bytes().startswith(sent)
            assert position.offset == len(sent)
            assert position.lines == sent.count(b"\n") + position.open_end
            assert position.open_end == (bool(sent) and not sent.endswith(b"\n"))


def test_five_megabytes_of_lines_are_several_batches(tmp_path: Path) -> None:
    line = b"x" * 999 + b"\n"
    with holding(tmp_path, line * 5000) as reader:
        found = batches(reader)
    assert [batch.lines for batch in found] == [1048, 1048, 1048, 1048, 808]
    assert all(len(batch.data) <= tail.BATCH for batch in found)


def test_line_longer_than_a_batch_goes_whole(tmp_path: Path) -> None:
    data = b"first\n" + b"y" * (2 * tail.BATCH + 5) + b"\nlast\n"
    with holding(tmp_path, data) as reader:
        found = batches(reader)
    assert b"".join(batch.data for batch in found) == data
    assert [batch.lines for batch in found] == [1, 2]


def test_ten_megabytes_without_a_newline_are_held_back(tmp_path: Path) -> None:
    with holding(tmp_path, b"z" * 10_000_000) as reader:
        assert batches(reader) == []
        assert reader.bytes_read == 10_000_000


def test_unfinished_line_goes_at_the_end_only_if_it_is_a_whole_object(tmp_path: Path) -> None:
    for rest, goes in ((b'{"a":1}', True), (b'{"a":', False), (b"[1]", False), (b"\xff", False)):
        with holding(tmp_path, b"one\n" + rest) as reader:
            assert [batch.data for batch in batches(reader)] == [b"one\n"]
            [batch] = batches(reader, final=True)
        assert batch.data == (b"one\n" + rest if goes else b"one\n")
        assert batch.position == Position(1 + goes, len(batch.data), goes)


def test_newline_of_a_line_that_was_sent_open_comes_alone(tmp_path: Path) -> None:
    with holding(tmp_path, b"{}") as reader:
        [opened] = batches(reader, final=True)
    with holding(tmp_path, b"{}\n") as reader:
        closing = tail.read_batch(reader, opened.position, opened.evidence)
    assert closing is not None
    assert (closing.data, closing.first_line, closing.lines) == (b"\n", 2, 0)
    assert closing.position == Position(1, 3)


def test_lines_behind_one_that_was_sent_open_follow_its_newline(tmp_path: Path) -> None:
    with holding(tmp_path, b"{}") as reader:
        [opened] = batches(reader, final=True)
    with holding(tmp_path, b'{}\nx\n{"b":2}') as reader:
        batch = tail.read_batch(reader, opened.position, opened.evidence, is_complete=is_complete)
    assert batch is not None
    assert (batch.data, batch.first_line, batch.lines) == (b'\nx\n{"b":2}', 2, 2)
    assert batch.position == Position(3, 12, True)


@pytest.mark.parametrize("more", [b"x", b"{}", b"}\n"])
def test_line_that_was_sent_open_and_goes_on_is_a_rewrite(tmp_path: Path, more: bytes) -> None:
    with holding(tmp_path, b"{}") as reader:
        [opened] = batches(reader, final=True)
    with holding(tmp_path, b"{}" + more) as reader, pytest.raises(tail.FileRewritten):
        tail.read_batch(reader, opened.position, opened.evidence, is_complete=is_complete)


@pytest.mark.parametrize("size", [10, HEAD - 1, HEAD, TAIL - 1, TAIL, TAIL + HEAD + 10, 3 * TAIL])
def test_change_in_head_or_tail_is_noticed(tmp_path: Path, size: int) -> None:
    data = bytearray(b"a line..\n" * (size // 9 + 1))[:size]
    data[-1:] = b"\n"
    with holding(tmp_path, bytes(data)) as reader:
        acknowledged = batches(reader)[-1]
    evidence = acknowledged.evidence
    assert evidence.head_length == min(HEAD, size)
    assert evidence.tail_length == min(TAIL, size)
    with holding(tmp_path, bytes(data) + b"more\n") as reader:
        assert tail.gather_evidence(reader, size) == evidence
    for changed in {0, min(HEAD, size) - 1, max(0, size - TAIL), size - 1}:
        other = bytearray(data + b"more\n")
        other[changed] ^= 0x20
        with holding(tmp_path, bytes(other)) as reader, pytest.raises(tail.FileRewritten):
            tail.read_batch(reader, acknowledged.position, evidence)


def test_evidence_does_not_depend_on_the_batches(tmp_path: Path) -> None:
    data = b"".join(b"%d\n" % number for number in range(20_000))
    with holding(tmp_path, data) as reader:
        for limit in (100, 5000, TAIL, tail.BATCH):
            assert batches(reader, limit=limit)[-1].evidence == tail.gather_evidence(
                reader, len(data)
            )


def test_file_that_shrank_is_rewritten(tmp_path: Path) -> None:
    with holding(tmp_path, b"one\n") as reader, pytest.raises(tail.FileRewritten):
        tail.read_batch(reader, Position(2, 8), NO_EVIDENCE)


@pytest.mark.parametrize(
    ("position", "true"),
    [
        (Position(2, 8), True),
        (Position(1, 4), True),
        (Position(1, 8), False),  # as many lines as the backend says
        (Position(2, 7), False),  # ends in the middle of a line
        (Position(2, 7, True), True),
        (Position(2, 8, True), False),
        (Position(3, 12), False),  # beyond the end
    ],
)
def test_position_without_evidence_is_compared_with_the_lines(
    tmp_path: Path, position: Position, true: bool
) -> None:
    with holding(tmp_path, b"one\ntwo\n") as reader:
        span = tail.vouch(reader, position, [])
    end = position.offset
    assert span == (Acknowledged(0, end, digest(b"one\ntwo\n"[:end])) if true else None)


def test_position_without_evidence_is_compared_with_remembered_spans(tmp_path: Path) -> None:
    position = Position(2, 8)
    right, wrong = Acknowledged(0, 4, digest(b"one\n")), Acknowledged(4, 8, digest(b"TWO\n"))
    beyond = Acknowledged(8, 12, digest(b"six\n"))
    with holding(tmp_path, b"one\ntwo\n") as reader:
        assert tail.vouch(reader, position, [right, beyond])
        assert not tail.vouch(reader, position, [right, wrong])


def test_new_line_in_a_big_file_costs_little_reading(tmp_path: Path) -> None:
    data = (b"x" * 99 + b"\n") * 100_000
    with holding(tmp_path, data + b"new\n") as reader:
        evidence = tail.gather_evidence(reader, len(data))
        before = reader.bytes_read
        batch = tail.read_batch(reader, Position(100_000, len(data)), evidence)
    assert batch is not None
    assert batch.data == b"new\n"
    assert reader.bytes_read - before == TAIL + HEAD + len(b"new\n")


def test_content_exchanged_under_the_reader_is_noticed_at_the_next_reading(tmp_path: Path) -> None:
    """Evidence is made of what was read; what the file holds later cannot vouch for it."""
    path = tmp_path / "file"
    with holding(tmp_path, b"old\n") as reader:
        [first] = batches(reader)
        before = Evidence(first.evidence.head_length, first.evidence.head, 4, first.evidence.tail)
        path.write_bytes(b"old\n" + b"n" * TAIL + b"\n")
        second = tail.read_batch(reader, first.position, before)
        assert second is not None
        os.truncate(path, 0)
        path.write_bytes(b"new\n" + second.data)
        with pytest.raises(tail.FileRewritten):
            tail.read_batch(reader, second.position, second.evidence)


@in_tmp_path
@given(st.binary(max_size=200), st.integers(0, 12))
def test_line_that_a_backend_counted_is_found(tmp_path: Path, data: bytes, lines: int) -> None:
    with holding(tmp_path, data) as reader:
        found = tail.position_of(reader, lines)
    *complete, rest = data.split(b"\n")
    if lines <= len(complete):
        assert found == Position(lines, sum(len(line) + 1 for line in complete[:lines]))
    elif lines == len(complete) + 1 and rest:
        assert found == Position(lines, len(data), open_end=True)
    else:
        assert found is None


def test_line_is_found_across_the_pieces_of_a_big_file(tmp_path: Path) -> None:
    data = (b"x" * 999 + b"\n") * 5000
    with holding(tmp_path, data) as reader:
        assert tail.position_of(reader, 4321) == Position(4321, 4_321_000)
