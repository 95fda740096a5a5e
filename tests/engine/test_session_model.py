"""Whatever happens to the files, the backend and the daemon, nothing is lost and nothing doubled.

A model in the manner of file tailers' tests: random actions on a session's files, faults
and restarts; after every step the store is compared with the files.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine.position import TAIL
from confab_sync.errors import BackendUnavailable, ConfabError, PositionMoved
from confab_sync.store.store import Store
from tests.engine.factories import MAIN, SESSION, Bench, now

AGENT = "subagents/agent-abcdef.jsonl"
LATE_AGENT = "subagents/agent-fedcba.jsonl"
JOURNAL = "subagents/workflows/wf_1/journal.jsonl"
NAMES = {"": MAIN, AGENT: "agent-abcdef.jsonl", LATE_AGENT: "agent-fedcba.jsonl", JOURNAL: JOURNAL}
SIDES = ("tool-results/one.txt", "subagents/agent-abcdef.meta.json")

relatives = st.sampled_from(sorted(NAMES))
LINES = {
    "object": b'{"a": 1}',
    "empty": b"",
    "carriage return": b"\r",
    "NULs": b"\0\0\0",
    "not UTF-8": b"\xff\xfe no text",
    "torn": b"{torn",
    "CRLF": b'{"b": "\xc3\xa9"}\r',
    "longer than the head": b"x" * 5000,
    "longer than the tail": b'{"long": "' + b"y" * 70_000 + b'"}',
}
lines = st.sampled_from(sorted(LINES))
fragments = st.sampled_from([b"{", b'{"a": 1}', b'{"c": [2]}\r', b"\xff", b"\0"])
faults = st.sampled_from([BackendUnavailable("locked"), PositionMoved("not contiguous")])


def whole(names: list[str]) -> bytes:
    return b"".join(LINES[name] + b"\n" for name in names)


class Session(RuleBasedStateMachine):
    """The files are the truth; `seen` is what each held at every cycle since all was well."""

    @initialize()
    def begin(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="confab-model-"))
        self.bench = Bench(self.directory)
        self.seen: dict[str, list[bytes]] = {}
        self.disturbed = False
        """Whether faults left it open what the backend has."""
        self.blind: set[str] = set()
        """Files whose evidence is lost: until a cycle has looked, no rewriting them."""
        self.rewritten: set[str] = set()
        """Files whose past was changed since a cycle looked."""
        self.was_lost = False
        self.lost = False
        """Whether the registry was taken away while the daemon had its own memory."""

    def teardown(self) -> None:
        self.bench.close()
        shutil.rmtree(self.directory)

    def exists(self, relative: str) -> bool:
        return self.bench.path(relative).exists()

    def content(self, relative: str) -> bytes:
        try:
            return self.bench.path(relative).read_bytes()
        except FileNotFoundError:
            return b""

    def may_append(self, relative: str) -> bool:
        """A file that comes into being again is a rewritten one."""
        return self.exists(relative) or self.may_rewrite(relative)

    def may_rewrite(self, relative: str) -> bool:
        if relative in self.blind:
            return False
        self.rewritten.add(relative)
        return True

    @rule(relative=relatives, added=st.lists(lines, min_size=1, max_size=4))
    def append_lines(self, relative: str, added: list[str]) -> None:
        if self.may_append(relative):
            self.bench.append(whole(added), relative)

    @rule(relative=relatives, fragment=fragments)
    def append_part_of_a_line(self, relative: str, fragment: bytes) -> None:
        if self.may_append(relative):
            self.bench.append(fragment, relative)

    @rule(relative=relatives)
    def end_the_line(self, relative: str) -> None:
        if self.may_append(relative):
            self.bench.append(b"\n", relative)

    @rule(relative=relatives, share=st.floats(0, 1))
    def truncate(self, relative: str, share: float) -> None:
        if self.exists(relative) and self.may_rewrite(relative):
            os.truncate(self.bench.path(relative), int(len(self.content(relative)) * share))
            self.bench.touch(relative)

    @rule(relative=relatives, added=st.lists(lines, max_size=3))
    def replace_by_rename(self, relative: str, added: list[str]) -> None:
        if self.exists(relative) and self.may_rewrite(relative):
            other = self.directory / "other"
            other.write_bytes(b"new\n" + whole(added))
            other.rename(self.bench.path(relative))
            self.bench.touch(relative)

    @rule(relative=relatives, at=st.floats(0, 1), byte=st.sampled_from(b"Z\n"))
    def rewrite_in_place(self, relative: str, at: float, byte: int) -> None:
        data = bytearray(self.content(relative))
        if self.was_lost and len(data) > TAIL:
            return  # behind the tail only the registry's spans show a change
        if data and self.may_rewrite(relative):
            data[int((len(data) - 1) * at)] = byte
            self.bench.write(bytes(data), relative)

    @rule(relative=relatives)
    def remove(self, relative: str) -> None:
        if self.exists(relative) and self.may_rewrite(relative):
            self.bench.path(relative).unlink()

    @precondition(lambda self: self.exists(""))
    @rule(project=st.sampled_from(["-home-u-app", "-home-u-other", "-tmp"]))
    def move_to_another_project(self, project: str) -> None:
        old, target = self.bench.transcript, self.bench.projects / project
        if project == self.bench.project:
            return
        target.mkdir(exist_ok=True)
        old.rename(target / MAIN)
        if old.with_suffix("").exists():
            old.with_suffix("").rename(target / SESSION)
        self.bench.project = project

    @rule(relative=st.sampled_from(SIDES), data=st.binary(max_size=20))
    def write_side_file(self, relative: str, data: bytes) -> None:
        self.bench.write(data, relative)

    @rule(error=faults, after=st.booleans(), later=st.integers(0, 2))
    def fail(self, error: ConfabError, after: bool, later: int) -> None:
        fault = self.bench.fault
        (fault.after if after else fault.before).append(error)

    @rule(final=st.booleans())
    def cycle(self, final: bool) -> None:
        report = self.bench.cycle(final=final)
        faulty = report.error is not None
        self.disturbed = faulty
        for relative in NAMES:
            if self.exists(relative) and (faulty or report.backend_session_id):
                earlier = self.seen.get(relative, []) if faulty else []
                self.seen[relative] = [*earlier, self.content(relative)]
        if not faulty:
            if report.backend_session_id:
                self.blind = {name for name in self.blind if not self.exists(name)}
                self.rewritten = {name for name in self.rewritten if not self.exists(name)}
            self.compare_all(final=final, is_open=bool(report.backend_session_id))

    @precondition(lambda self: not (self.rewritten and (self.disturbed or self.lost)))
    @rule()
    def restart(self) -> None:
        if self.disturbed or self.lost:
            # The memory of what was sent is lost: only the backend's count of lines and what
            # the registry had before remain.
            self.blind.update(NAMES)
            self.lost = False
        self.bench.restart()

    @precondition(lambda self: not self.rewritten)
    @rule()
    def lose_the_registry(self) -> None:
        self.bench.restart()
        for suffix in ("", "-wal", "-shm", ".lock"):
            Path(self.bench.registry_path + suffix).unlink(missing_ok=True)
        self.blind.update(NAMES)

    @precondition(lambda self: not self.rewritten)
    @rule()
    def lose_the_registry_under_the_daemon(self) -> None:
        self.lost = self.was_lost = True
        for suffix in ("", "-wal", "-shm", ".lock"):
            Path(self.bench.registry_path + suffix).unlink(missing_ok=True)

    @rule()
    def settle_everything(self) -> None:
        """When the faults end, two cycles at most put everything right."""
        self.bench.fault.clear()
        self.cycle(final=False)
        if self.disturbed:
            self.cycle(final=False)
        assert not self.disturbed

    @invariant()
    def nothing_is_doubled(self) -> None:
        """At all times the newest generation is a beginning of what the file last held."""
        for relative, contents in self.seen.items():
            stored, open_end = self.stored(relative)
            assert any(content.startswith(stored) for content in contents)
            assert not stored or stored.endswith(b"\n") or open_end

    def compare_all(self, *, final: bool, is_open: bool) -> None:
        """After a cycle without faults all complete lines are there."""
        for relative in NAMES:
            data = self.content(relative)
            if not self.exists(relative) or not (data or is_open):
                continue
            stored, open_end = self.stored(relative)
            complete = data[: data.rfind(b"\n") + 1]
            if open_end:
                assert stored == data
                assert ClaudeCode().is_complete(data[len(complete) :])
            else:
                assert stored == complete
            if final and data != complete:
                assert open_end == ClaudeCode().is_complete(data[len(complete) :])
        for relative in SIDES:
            if self.exists(relative):
                assert self.bench.stored_side(relative) == self.content(relative)

    def stored(self, relative: str) -> tuple[bytes, bool]:
        if not Path(self.bench.store_path).exists():
            return b"", False
        name = NAMES[relative]
        with Store.open(self.bench.store_path, clock=now) as store:
            sessions = store.sessions()
            if not sessions:
                return b"", False
            session_id = sessions[0].session_id
            known = {file.name: file for file in store.files(session_id)}
            if name not in known:
                return b"", False
            data = b"".join(store.read_file(session_id, name))
            newlines = data.count(b"\n")
            assert known[name].bytes == len(data)
            return data, known[name].lines > newlines


Session.TestCase.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestSession = Session.TestCase
