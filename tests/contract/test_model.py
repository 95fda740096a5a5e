"""Whatever fails, whenever it dies: each line arrives once and in order, over HTTP too."""

from __future__ import annotations

import tempfile
from pathlib import Path

import httpcore
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.backends.http.api import Asked, Reply, error, json_reply, text
from tests.contract.stage import MAIN, Stage

AGENT = "subagents/agent-abcdef1.jsonl"
FILES = {"": MAIN, AGENT: "agent-abcdef1.jsonl"}

ANSWERS = st.sampled_from(
    [
        error(500, "Failed to upload chunk"),
        error(503, "Storage temporarily unavailable"),
        text(429, "Rate limit exceeded. Please try again later."),
        text(401, "Invalid API key"),
        Reply(504, b"<html></html>", "text/html"),
        Reply(200, b"<html>sign in</html>", "text/html"),
        json_reply(200, {"last_synced_line": 1}),
    ]
)


class Session(RuleBasedStateMachine):
    """One session of two files, and a server that may answer anything."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.stage = Stage(Path(self.directory.name))
        self.written = dict.fromkeys(FILES, b"")

    @rule(name=st.sampled_from(list(FILES)), lines=st.lists(st.sampled_from("ab\t"), max_size=5))
    def append_lines(self, name: str, lines: list[str]) -> None:
        added = b"".join(f'{{"{line}":1}}\n'.encode() for line in lines)
        # Claude Code ends a line that it finds without a newline before it goes on.
        self._write(name, b"\n" + added if self._ends_whole(name) else added)

    @rule(name=st.sampled_from(list(FILES)), part=st.sampled_from([b"{", b'"c":1', b"}", b"\n"]))
    def append_a_part(self, name: str, part: bytes) -> None:
        # What was whole may have been sent like that.
        self._write(name, b"\n" if self._ends_whole(name) else part)

    @rule(final=st.booleans())
    def cycle(self, final: bool) -> None:
        self.stage.cycle(final=final)

    @rule(answer=ANSWERS, path=st.sampled_from(["init", "chunk", ""]), times=st.integers(1, 4))
    def fail(self, answer: Reply, path: str, times: int) -> None:
        for _ in range(times):
            self.stage.api.once(answer, path)
        self.stage.cycle()

    @rule(answer=ANSWERS)
    def lose_the_answer(self, answer: Reply) -> None:
        self.stage.api.lost(answer, "chunk")
        self.stage.cycle()

    @rule(stores=st.booleans())
    def drop_the_connection(self, stores: bool) -> None:
        def drop(asked: Asked) -> Reply:
            if stores:
                self.stage.api.serve(asked)
            raise httpcore.ReadError("reset")

        self.stage.api.next(drop, "chunk")
        self.stage.cycle()

    @rule(without_registry=st.booleans())
    def die(self, without_registry: bool) -> None:
        self.stage.restart(without_registry=without_registry)

    @precondition(lambda self: self.stage.api.sessions)
    @rule(name=st.sampled_from(list(FILES)), kept=st.integers(0, 3))
    def server_is_restored_from_a_backup(self, name: str, kept: int) -> None:
        files = self.stage.api.session()["files"]
        stored = files.get(FILES[name], [])
        files[FILES[name]] = stored[: max(0, len(stored) - kept)]

    @invariant()
    def what_the_server_has_is_a_beginning(self) -> None:
        if self.stage.api.sessions:
            for name, archived in FILES.items():
                stored = self.stage.lines(archived)
                assert self._local(name)[: len(stored)] == stored

    def teardown(self) -> None:
        try:
            self.stage.api.rules.clear()
            self.stage.restart()  # a server that was set back is asked by the next daemon
            report = self.stage.settled()
            assert not any("diverged" in file.note for file in report.files), report
            for name, written in self.written.items():
                if b"\n" in written:
                    complete = written[: written.rfind(b"\n")].decode().split("\n")
                    assert self.stage.lines(FILES[name])[: len(complete)] == complete
        finally:
            self.stage.close()
            self.directory.cleanup()

    def _write(self, name: str, data: bytes) -> None:
        self.written[name] += data
        self.stage.write(data, name)

    def _ends_whole(self, name: str) -> bool:
        return self.written[name].endswith(b"}")

    def _local(self, name: str) -> list[str]:
        return self.written[name].decode().split("\n")


TestSession = Session.TestCase
TestSession.settings = settings(
    max_examples=100,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
