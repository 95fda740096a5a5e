"""The store keeps what it acknowledged, whatever is appended and by however many processes."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import confab_sync
from confab_sync.errors import NotContiguous
from confab_sync.store.values import FilePosition, SessionInfo

from .factories import chunk, content, new_session, open_store

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = str(Path(confab_sync.__file__).parents[1])

names = st.sampled_from(["abc.jsonl", "a", "a/b"])
line = st.one_of(
    st.binary(max_size=30),
    st.builds(lambda piece, n: piece * n, st.binary(min_size=1, max_size=3), st.just(40_000)),
).map(lambda raw: raw.replace(b"\n", b"\r"))


class StoreMachine(RuleBasedStateMachine):
    """Appends and restarts at random; the store has to agree with plain byte strings."""

    @initialize()
    def begin(self) -> None:
        self.directory = TemporaryDirectory()
        self.store = open_store(Path(self.directory.name))
        self.session = new_session(self.store)
        self.generations: dict[str, list[bytes]] = {}
        self.source: dict[str, int] = {}

    @rule(name=names, lines=st.lists(line, max_size=5), tail=line, skipped=st.integers(0, 9))
    def append(self, name: str, lines: list[bytes], tail: bytes, skipped: int) -> None:
        stored = self.generations.get(name, [b""])[-1]
        was_open = bool(stored) and not stored.endswith(b"\n")
        data = b"\n" * was_open + b"".join(item + b"\n" for item in lines) + tail
        if not data:
            return
        self.source[name] = self.source.get(name, 0) + len(data) + skipped
        next_line = count_lines(stored) + 1
        appended = self.store.append(
            self.session,
            chunk(
                data,
                name=name,
                first_line=next_line,
                after_open_end=was_open,
                source_end=self.source[name],
            ),
        )
        self.generations.setdefault(name, [b""])[-1] += data
        assert appended == count_lines(stored + data)

    @rule(name=names, ahead=st.integers(-3, 3).filter(bool))
    def append_elsewhere(self, name: str, ahead: int) -> None:
        expected = count_lines(self.generations.get(name, [b""])[-1]) + 1
        with pytest.raises(NotContiguous) as caught:
            self.store.append(self.session, chunk(b"x\n", name=name, first_line=expected + ahead))
        assert caught.value.expected == expected

    @rule(name=names)
    def restart(self, name: str) -> None:
        if name in self.generations:
            self.store.restart_file(self.session, name)
            if self.generations[name][-1]:
                self.generations[name].append(b"")
                self.source[name] = 0

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = open_store(Path(self.directory.name))

    @invariant()
    def contents_are_those_of_the_model(self) -> None:
        for name, generations in self.generations.items():
            assert content(self.store, self.session, name) == generations[-1]
            for number, expected in enumerate(generations, start=1):
                assert b"".join(self.store.read_file(self.session, name, number)) == expected

    @invariant()
    def positions_are_those_of_the_model(self) -> None:
        info = SessionInfo("claude-code", "abc", "/p")
        assert self.store.open_session(info).files == {
            name: FilePosition(
                lines=count_lines(generations[-1]),
                source_bytes=self.source[name],
                open_end=bool(generations[-1]) and not generations[-1].endswith(b"\n"),
                generation=len(generations),
                file_type="transcript",
            )
            for name, generations in self.generations.items()
        }

    def teardown(self) -> None:
        assert self.store.check() == []
        self.store.close()
        self.directory.cleanup()


def count_lines(data: bytes) -> int:
    return data.count(b"\n") + bool(data and not data.endswith(b"\n"))


StoreMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=15, deadline=None)
TestStoreMachine = StoreMachine.TestCase


WRITER = """
import sys
from datetime import UTC, datetime
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo

path, external_id, file_name, commits = sys.argv[1:4] + [int(sys.argv[4])]
lockstep = sys.argv[5] == "lockstep"
with Store.open(path, clock=lambda: datetime.now(UTC)) as store:
    session_id = store.open_session(SessionInfo("claude-code", external_id, "/t")).session_id
    print("ready", session_id, flush=True)
    end = 0
    for number in range(1, commits + 1):
        if lockstep or number == 1:
            sys.stdin.readline()
        data = b"%s line %d %s\\n" % (file_name.encode(), number, b"x" * (number * 37 % 5000))
        end += len(data)
        store.append(session_id, Chunk(file_name, "agent", number, 1, data, end))
        print(number, flush=True)
"""


def line_of(file_name: str, number: int) -> bytes:
    return b"%s line %d %s\n" % (file_name.encode(), number, b"x" * (number * 37 % 5000))


@contextmanager
def writing(
    directory: Path, *tasks: tuple[str, str], commits: int = 20, pace: str = "free"
) -> Iterator[list[subprocess.Popen[str]]]:
    """One process for each (external id, file name); none is left behind."""
    with ExitStack() as stack:
        processes = []
        for external_id, file_name in tasks:
            arguments = [str(directory / "store.db"), external_id, file_name, str(commits), pace]
            process = subprocess.Popen(
                [sys.executable, "-c", WRITER, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={"PYTHONPATH": ROOT},
            )
            processes.append(stack.enter_context(process))
            stack.callback(process.kill)
        yield processes


def say(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, errors = process.communicate()
    return process.returncode, errors


def test_many_processes_begin_one_store_and_one_session_at_once(tmp_path: Path) -> None:
    names = [f"agent-{n}" for n in range(12)]
    with writing(tmp_path, *[("abc", name) for name in names]) as writers:
        assert len({hear(writer) for writer in writers}) == 1
        for writer in writers:
            say(writer)
        assert [finish(writer) for writer in writers] == [(0, "")] * 12
    with open_store(tmp_path) as store:
        session_id = store.find_session("abc").session_id
        for name in names:
            expected = b"".join(line_of(name, number) for number in range(1, 21))
            assert content(store, session_id, name) == expected
        assert store.check() == []


def test_many_processes_commit_in_lockstep_without_an_error(tmp_path: Path) -> None:
    tasks = [(f"s{n}", "agent-1") for n in range(12)]
    with writing(tmp_path, *tasks, pace="lockstep") as writers, open_store(tmp_path) as reader:
        assert len({hear(writer) for writer in writers}) == 12
        for number in range(1, 21):
            for writer in writers:
                say(writer)
            assert len(reader.sessions()) == 12
            assert {hear(writer) for writer in writers} == {str(number)}
        assert reader.check() == []
        assert [finish(writer) for writer in writers] == [(0, "")] * 12


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    names = ["agent-0", "agent-1", "agent-2"]
    with writing(tmp_path, *[("abc", name) for name in names], commits=10**6) as writers:
        for writer in writers:
            hear(writer)
            say(writer)
        for name, writer, stop_after in zip(names, writers, (5, 60, 200), strict=True):
            heard = [hear(writer) for _ in range(stop_after)]
            writer.kill()
            assert writer.stdout is not None
            complete = [text for text in writer.stdout.read().splitlines(True) if text[-1] == "\n"]
            acknowledged = int([*heard, *complete][-1])
            with open_store(tmp_path) as store:
                assert store.check() == []
                stored = content(store, store.find_session("abc").session_id, name)
            lines = stored.splitlines(keepends=True)
            assert acknowledged <= len(lines) <= acknowledged + 1
            assert lines == [line_of(name, number + 1) for number in range(len(lines))]
