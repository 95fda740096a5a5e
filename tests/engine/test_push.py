"""A pushed session is there once and whole, however often the push was cut off."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.backends.protocol import Appended, Pace
from confab_sync.engine.pieces import BATCH, batches
from confab_sync.engine.push import OTHER_CONTENT, Pushed, Target, Told, push
from confab_sync.errors import (
    BackendRefused,
    BackendUnavailable,
    FileUnavailable,
    PositionMoved,
    SessionGone,
)
from confab_sync.store.source import SourceFile, SourceSideFile
from confab_sync.store.values import (
    ChunkMetadata,
    FilePosition,
    OpenedSession,
    SideFile,
)
from tests.store.factories import NOW, chunk, new_session, open_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from confab_sync.store.store import Store
    from confab_sync.store.values import Chunk, SessionInfo


@dataclass
class There:
    """A server that counts lines, is asked through one backend, and may fail at any call.

    `calls` that are in `cut` fail before they have an effect, or after it.
    """

    external_id = "abc"
    place = "there"
    name = "there"
    pace = Pace(0, 0, 0)
    session_id: str = "s-1"
    info: SessionInfo | None = None
    lines: dict[str, list[bytes]] = field(default_factory=dict)
    side: dict[str, bytes] = field(default_factory=dict)
    ends: list[object] = field(default_factory=list)
    metadata: list[ChunkMetadata] = field(default_factory=list)
    summary: str = ""
    kinds: tuple[str, ...] = ("transcript", "agent", "side")
    calls: int = 0
    cut: dict[int, bool] = field(default_factory=dict)

    @property
    def requests(self) -> int:
        return self.calls

    def takes(self, kind: str, name: str) -> bool:
        return kind in self.kinds

    def open_session(self, info: SessionInfo) -> OpenedSession:
        with self._perhaps():
            self.info = info
            files = {
                name: FilePosition(len(lines), None, False, 1, "")
                for name, lines in self.lines.items()
            }
            return OpenedSession(self.session_id, info.provider, files)

    def prepared(self, chunk: Chunk) -> Chunk:
        return chunk

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        assert session_id == self.session_id
        with self._perhaps():
            lines = self.lines.setdefault(chunk.file_name, [])
            if chunk.first_line != len(lines) + 1:
                raise PositionMoved(chunk.file_name)
            new = chunk.data.split(b"\n")
            lines += new if chunk.open_end else new[:-1]
            self.metadata.append(chunk.described().metadata)
            return Appended(len(lines))

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        raise NotImplementedError

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        raise NotImplementedError

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        with self._perhaps():
            self.side[side_file.name] = side_file.data

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        with self._perhaps():
            self.ends.append(payload)

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        with self._perhaps():
            self.summary = summary

    def close(self) -> None:
        pass

    def files(self) -> list[SourceFile]:
        if self.info is None:
            raise SessionGone("no such session")
        return [
            SourceFile(name, "", len(lines), None, None, "") for name, lines in self.lines.items()
        ]

    def side_files(self) -> list[SourceSideFile]:
        return [SourceSideFile(name, len(data), "") for name, data in self.side.items()]

    def read_file(self, name: str) -> Iterable[bytes]:
        return self.read_after(name, 0)

    def read_after(self, name: str, lines: int) -> Iterable[bytes]:
        return [line + b"\n" for line in self.lines[name][lines:]]

    def read_side_file(self, name: str) -> Iterable[bytes]:
        return [self.side[name]]

    def _perhaps(self) -> _Cut:
        self.calls += 1
        return _Cut(self.cut.get(self.calls))


class _Cut:
    """Fails before what is done inside (True), or after it (False), or not at all (None)."""

    def __init__(self, is_before: bool | None) -> None:
        self._is_before = is_before

    def __enter__(self) -> None:
        if self._is_before:
            raise BackendUnavailable("cut off before")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._is_before is False and kind is None:
            raise BackendUnavailable("cut off after")


@dataclass
class Memory:
    """What is remembered from one push to the next, and the bytes that were reported."""

    told: Told = field(default_factory=Told)
    done: int = 0

    def add(self, size: int) -> None:
        self.done += size

    def remember(self, told: Told) -> None:
        self.told = told


def described(kind: str, lines: bytes) -> ChunkMetadata:
    title = lines.partition(b"\n")[0].decode("utf-8", "replace") if kind == "transcript" else None
    return ChunkMetadata(summary="not this", first_user_message=title)


def pushed(store: Store, there: There, memory: Memory) -> Pushed:
    (session,) = store.sessions()
    target = Target(
        there, lambda _session_id, _external_id: there, memory.add, memory.remember, described
    )
    return push(store, session, target, memory.told)


def archive(store: Store, data: bytes = b"one\ntwo\n", **known: str) -> str:
    session = new_session(store, **known)
    metadata = ChunkMetadata(summary="S", first_user_message="F", latest_message_at=NOW)
    store.append(session, chunk(data, metadata=metadata))
    return session


def test_everything_of_a_session_arrives(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store, cwd="/work", hostname="box", username="ann")
        store.append(session, chunk(b"sub\n", name="agent-1.jsonl", file_type="agent"))
        store.put_side_file(session, SideFile("tool-results/a.txt", b"\0whole", 5))
        store.add_event(session, "session_end", NOW, {"reason": "exit"})
        there, memory = There(), Memory()
        result = pushed(store, there, memory)
        assert memory.done == store.sessions()[0].bytes
    assert there.lines == {"abc.jsonl": [b"one", b"two"], "agent-1.jsonl": [b"sub"]}
    assert list(there.lines) == ["abc.jsonl", "agent-1.jsonl"]
    assert there.side == {"tool-results/a.txt": b"\0whole"}
    assert there.ends == [{"reason": "exit"}]
    assert there.info is not None
    assert (there.info.cwd, there.info.hostname, there.info.username) == ("/work", "box", "ann")
    first, second = there.metadata
    assert (first.summary, first.first_user_message) == ("S", "one")
    assert (first.latest_message_at, first.created_at) == (NOW, NOW)
    assert second == ChunkMetadata()
    assert (result.lines, result.side_files, result.problems) == (3, 1, [])


def test_a_second_push_sends_and_creates_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store)
        store.put_side_file(session, SideFile("a.txt", b"whole", 5))
        store.add_event(session, "session_end", NOW, None)
        there, memory = There(), Memory()
        pushed(store, there, memory)
        calls = there.calls
        again = pushed(store, there, memory)
    assert there.calls == calls
    assert not again.did_something


def test_what_was_archived_since_is_added(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store)
        store.put_side_file(session, SideFile("a.txt", b"old", 5))
        store.add_event(session, "session_end", NOW, {"n": 1})
        there, memory = There(), Memory()
        pushed(store, there, memory)
        store.append(session, chunk(b"three\n", first_line=3, source_end=14))
        store.put_side_file(session, SideFile("a.txt", b"new", 6))
        store.add_event(session, "session_end", NOW + timedelta(days=1), {"n": 2})
        store.set_summary("claude-code", "abc", "Better")
        result = pushed(store, there, memory)
    assert there.lines["abc.jsonl"] == [b"one", b"two", b"three"]
    assert there.side == {"a.txt": b"new"}
    assert there.ends == [{"n": 1}, {"n": 2}]
    assert there.metadata[-1].summary == "Better"
    assert (result.lines, result.side_files) == (1, 1)


def test_a_summary_that_came_after_the_last_line_is_told(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        archive(store)
        there, memory = There(), Memory()
        pushed(store, there, memory)
        assert there.summary == ""
        store.set_summary("claude-code", "abc", "Better")
        pushed(store, there, memory)
        pushed(store, there, memory)
    assert there.summary == "Better"


def test_a_last_line_without_its_newline_is_sent_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store, b"one\ntwo")
        there, memory = There(), Memory()
        pushed(store, there, memory)
        assert there.lines["abc.jsonl"] == [b"one", b"two"]
        closing = chunk(b"\nthree\n", first_line=3, source_end=14, after_open_end=True)
        store.append(session, closing)
        pushed(store, there, memory)
    assert there.lines["abc.jsonl"] == [b"one", b"two", b"three"]


def test_side_files_that_the_server_has_lost_are_sent_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.put_side_file(archive(store), SideFile("a.txt", b"whole", 5))
        there, memory = There(), Memory()
        pushed(store, there, memory)
        there.side.clear()
        pushed(store, there, memory)
    assert there.side == {"a.txt": b"whole"}


def test_a_session_that_was_deleted_there_is_not_created_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        archive(store)
        there, memory = There(), Memory()
        pushed(store, there, memory)
        gone = There()
        with pytest.raises(SessionGone):
            pushed(store, gone, memory)
    assert gone.info is None


def test_another_session_of_the_same_id_is_begun_from_its_first_line(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store)
        store.put_side_file(session, SideFile("a.txt", b"whole", 5))
        there, memory = There(), Memory()
        pushed(store, there, memory)
        store.append(session, chunk(b"three\n", first_line=3, source_end=14))
        other = There(session_id="s-2", info=there.info)
        pushed(store, other, memory)
    assert other.lines["abc.jsonl"] == [b"one", b"two", b"three"]
    assert other.side == {"a.txt": b"whole"}
    assert memory.told.session_id == "s-2"


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ([b"one"], True),
        ([b"uno"], False),
        ([b"[REDACTED:API_KEY]"], True),
        ([b'{"type":"confab-placeholder","bytes":3}'], True),
        ([b"one", b"dos"], False),
        ([b"one", b"two", b"three"], True),
    ],
)
def test_nothing_is_added_to_other_content(
    tmp_path: Path, has: list[bytes], expected: bool
) -> None:
    with open_store(tmp_path) as store:
        archive(store)
        there = There(lines={"abc.jsonl": list(has)})
        result = pushed(store, there, Memory())
    if expected:
        assert result.problems == []
        assert there.lines["abc.jsonl"] == has + [b"one", b"two"][len(has) :]
    else:
        assert result.problems == [f"abc.jsonl: {OTHER_CONTENT}"]
        assert there.lines["abc.jsonl"] == has


def test_other_content_is_told_every_time_and_no_more_once_it_is_the_same(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        archive(store)
        there, memory = There(lines={"abc.jsonl": [b"one", b"dos"]}), Memory()
        for _ in range(2):
            assert pushed(store, there, memory).problems == [f"abc.jsonl: {OTHER_CONTENT}"]
        there.lines["abc.jsonl"] = [b"one", b"two"]
        assert pushed(store, there, memory).problems == []


def test_lines_that_are_not_utf8_are_known_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        archive(store, b"\xff\ntwo\n")
        there = There(lines={"abc.jsonl": ["\ufffd".encode()]})
        assert pushed(store, there, Memory()).problems == []
    assert there.lines["abc.jsonl"][1:] == [b"two"]


def test_what_the_server_does_not_keep_is_counted(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store)
        store.put_side_file(session, SideFile("a.txt", b"whole", 5))
        there = There(kinds=("transcript",))
        result = pushed(store, there, Memory())
    assert (result.not_taken, there.side) == (1, {})


def test_of_a_rewritten_file_the_newest_content_is_sent_and_the_rest_is_told(
    tmp_path: Path,
) -> None:
    with open_store(tmp_path) as store:
        session = archive(store)
        store.restart_file(session, "abc.jsonl")
        store.append(session, chunk(b"new\n"))
        there = There()
        result = pushed(store, there, Memory())
    assert there.lines["abc.jsonl"] == [b"new"]
    assert result.older == 1


class Refusing(There):
    """A server that refuses files of some names."""

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        if chunk.file_name.startswith("bad"):
            raise BackendRefused("never")
        if chunk.file_name.startswith("later"):
            raise FileUnavailable("not now")
        return super().append(session_id, chunk)


def test_one_files_trouble_is_not_the_others(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store)
        for name in ("bad.jsonl", "good.jsonl", "later.jsonl"):
            store.append(session, chunk(b"sub\n", name=name, file_type="agent"))
        there = Refusing()
        result = pushed(store, there, Memory())
    assert set(there.lines) == {"abc.jsonl", "good.jsonl"}
    assert [problem.partition(":")[0] for problem in result.problems] == [
        "bad.jsonl",
        "later.jsonl",
    ]


def test_a_server_that_fails_on_many_files_is_left_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        session = archive(store)
        for number in range(4):
            name = f"later{number}.jsonl"
            store.append(session, chunk(b"sub\n", name=name, file_type="agent"))
        with pytest.raises(FileUnavailable):
            pushed(store, Refusing(), Memory())


def test_batches_depend_on_the_lines_alone() -> None:
    lines = b"".join(b"%d %s\n" % (number, b"x" * (number * 7919 % 5000)) for number in range(2000))
    whole = list(batches([lines]))
    assert b"".join(whole) == lines
    assert list(batches(lines[at : at + 10_007] for at in range(0, len(lines), 10_007))) == whole
    assert all(len(batch) <= BATCH for batch in whole)


def test_a_long_line_is_a_batch_of_its_own() -> None:
    long = b"x" * (BATCH + 5) + b"\n"
    assert list(batches([b"a\n" + long + b"b\n"])) == [b"a\n", long, b"b\n"]
    assert list(batches([long[:-1]])) == [long[:-1]]


@given(
    lines=st.lists(st.binary(max_size=4).map(lambda line: line.replace(b"\n", b"")), max_size=6),
    cuts=st.dictionaries(st.integers(1, 25), st.booleans(), max_size=6),
    ends=st.integers(0, 2),
    side_files=st.integers(0, 2),
)
def test_a_push_that_is_cut_off_anywhere_is_finished_by_the_next(
    lines: list[bytes], cuts: dict[int, bool], ends: int, side_files: int
) -> None:
    with tempfile.TemporaryDirectory() as place, open_store(Path(place)) as store:
        session = archive(store, b"first\n")
        if lines:
            data = b"".join(line + b"\n" for line in lines)
            store.append(session, chunk(data, first_line=2, source_end=6 + len(data)))
        for number in range(side_files):
            store.put_side_file(session, SideFile(f"{number}.txt", b"%d" % number, 5))
        for number in range(ends):
            store.add_event(session, "session_end", NOW + timedelta(days=number), {"n": number})
        there, memory = There(cut=cuts), Memory()
        for _ in range(len(cuts) + 1):
            with suppress(BackendUnavailable):
                pushed(store, there, memory)
                break
    assert there.lines["abc.jsonl"] == [b"first", *lines]
    assert there.side == {f"{number}.txt": b"%d" % number for number in range(side_files)}
    # Only an end whose answer was lost is told twice.
    told = [end["n"] for end in there.ends if isinstance(end, dict)]
    assert sorted(set(told)) == list(range(ends))
    assert len(told) <= ends + sum(not is_before for is_before in cuts.values())
