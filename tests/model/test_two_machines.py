"""Whatever two machines do with one session: the copy is one's file, or the status names it."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from confab_sync.engine.known import DIVERGED
from tests.backends.http.api import Api, Reply
from tests.contract.stage import Stage
from tests.model.profile import PATIENCE, chosen

MACHINES = st.sampled_from([0, 1])


class Machines(RuleBasedStateMachine):
    """Each line is written once; a server that answers tells what it has."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.api = Api()
        self.stages = [self._stage(name) for name in ("here", "there")]
        self.contents: list[list[str]] = [[]]
        """What the file has been, on either machine."""
        self.written = 0

    def _stage(self, name: str) -> Stage:
        directory = Path(self.directory.name, name)
        directory.mkdir()
        return Stage(directory, self.api)

    @rule(machine=MACHINES, lines=st.integers(1, 3), then=st.booleans())
    def append(self, machine: int, lines: int, then: bool) -> None:
        self.stages[machine].write(b"".join(self._line() for _ in range(lines)))
        self._changed(machine, then)

    @rule(machine=MACHINES, at=st.integers(0, 9), then=st.booleans())
    def rewrite_a_line(self, machine: int, at: int, then: bool) -> None:
        lines = self._local(machine)
        if lines:
            lines[at % len(lines)] = self._line().decode().rstrip()
            data = "".join(f"{line}\n" for line in lines)
            self.stages[machine].transcript.write_text(data)
        self._changed(machine, then)

    @rule(machine=MACHINES, then=st.booleans())
    def carry(self, machine: int, then: bool) -> None:
        source = self.stages[1 - machine].transcript
        if source.exists():
            self.stages[machine].transcript.write_bytes(source.read_bytes())
        self._changed(machine, then)

    @rule(machine=MACHINES, final=st.booleans())
    def cycle(self, machine: int, final: bool) -> None:
        self.stages[machine].cycle(final=final)

    @rule(machine=MACHINES, without_registry=st.booleans())
    def die(self, machine: int, without_registry: bool) -> None:
        self.stages[machine].restart(without_registry=without_registry)

    @rule(machine=MACHINES, is_stored=st.booleans())
    def lose_an_answer(self, machine: int, is_stored: bool) -> None:
        reply = Reply(504, b"", "text/html")
        (self.api.lost if is_stored else self.api.once)(reply, "chunk")
        self.stages[machine].cycle()
        self.api.rules.clear()

    @invariant()
    def the_copy_is_no_mixture(self) -> None:
        copy = self._copy()
        assert any(content[: len(copy)] == copy for content in self.contents), copy

    def teardown(self) -> None:
        try:
            for machine, stage in enumerate(self.stages):
                stage.restart()
                report = stage.settled()
                if report.files and DIVERGED not in report.files[0].note:
                    assert self._copy() == self._local(machine)
            self.the_copy_is_no_mixture()
        finally:
            for stage in self.stages:
                stage.close()
            self.directory.cleanup()

    def _changed(self, machine: int, then: bool) -> None:
        self.contents.append(self._local(machine))
        if then:
            self.stages[machine].cycle()

    def _line(self) -> bytes:
        self.written += 1
        return b'{"n":%d}\n' % self.written

    def _local(self, machine: int) -> list[str]:
        path = self.stages[machine].transcript
        return path.read_text().splitlines() if path.exists() else []

    def _copy(self) -> list[str]:
        if not self.api.sessions:
            return []
        return self.stages[0].lines()


@pytest.mark.timeout(PATIENCE)
def test_copy_is_that_of_one_machine_and_the_other_says_so() -> None:
    run_state_machine_as_test(Machines, settings=chosen(100))
