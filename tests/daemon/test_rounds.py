"""Sessions are finished one after the other, and a backend that takes nothing is believed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.daemon.candidate import Candidate
from confab_sync.daemon.finishing import Fate, Finished, Manner
from confab_sync.daemon.rounds import FAILURES_BELIEVED, LONGEST_PAUSE, PAUSE, Round
from confab_sync.errors import (
    BackendError,
    BackendForbidden,
    BackendRefused,
    BackendUnauthorized,
    BackendUnavailable,
    ConfabError,
    ConfigError,
    FileUnavailable,
)
from tests.daemon.machines import machine_in

if TYPE_CHECKING:
    from pathlib import Path


class Stage:
    """Candidates and what is to come of each; whose turn it was is in `order`."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self.machine = machine_in(directory)
        self.bound = directory / "bound"
        self.candidates: list[Candidate] = []
        self.outcomes: dict[str, Finished] = {}
        self.order: list[str] = []
        self.seconds = 0.0
        self.now = 0.0
        self.pauses: list[float] = []
        monkeypatch.setattr("confab_sync.daemon.rounds.finish", self._finish)

    def add(
        self, fate: Fate = Fate.ARCHIVED, error: ConfabError | None = None, *, bound: bool = False
    ) -> str:
        name = f"s{len(self.candidates)}"
        root = self.bound if bound else self.home.directory / ".claude"
        self.candidates.append(Candidate(name, f"{root}/projects/p/{name}.jsonl"))
        self.outcomes[name] = Finished(name, Fate.FAILED if error else fate, error=error)
        return name

    def _finish(self, _machine: object, candidate: Candidate, _manner: object) -> Finished:
        self.order.append(candidate.external_id)
        self.now += self.seconds
        return self.outcomes[candidate.external_id]

    def run(self) -> Round:
        one = Round(
            self.machine,
            self.candidates,
            Manner(),
            clock=lambda: self.now,
            pause=self.pauses.append,
        )
        begun: list[int] = []
        finished = list(one.run(lambda number, _: begun.append(number)))
        assert [each.external_id for each in finished] == self.order
        assert [self.candidates[number].external_id for number in begun] == self.order
        return one


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(tmp_path, monkeypatch)


def test_all_have_their_turn_in_the_given_order(stage: Stage) -> None:
    names = [stage.add(), stage.add(Fate.OFF), stage.add(Fate.LEFT), stage.add(Fate.GONE)]
    assert stage.run().trouble is None
    assert stage.order == names


@pytest.mark.parametrize(
    "error",
    [
        BackendUnavailable("down"),
        BackendUnauthorized("bad key"),
        BackendForbidden("not yours"),
        ConfigError("no backend"),
    ],
)
def test_backend_that_takes_nothing_is_asked_once(stage: Stage, error: ConfabError) -> None:
    first = stage.add(error=error)
    stage.add()
    assert stage.run().trouble is error
    assert stage.order == [first]


@pytest.mark.parametrize(
    "error", [BackendRefused("too long"), FileUnavailable("stumbles"), BackendError("odd")]
)
def test_sessions_that_fail_on_their_own_are_believed_only_when_they_are_many(
    stage: Stage, error: ConfabError
) -> None:
    for _ in range(FAILURES_BELIEVED - 1):
        stage.add(error=error)
    stage.add()
    for _ in range(FAILURES_BELIEVED + 1):
        stage.add(error=error)
    assert stage.run().trouble is error
    assert len(stage.order) == 2 * FAILURES_BELIEVED


def test_trouble_on_this_machine_says_nothing_of_the_backend(stage: Stage) -> None:
    names = [stage.add(error=ConfabError("cannot be read")) for _ in range(FAILURES_BELIEVED + 1)]
    assert stage.run().trouble is None
    assert stage.order == names


def test_trouble_of_one_backend_is_not_that_of_another(stage: Stage) -> None:
    down = BackendUnavailable("down")
    first, other = stage.add(error=down, bound=True), stage.add()
    stage.add(bound=True)
    last = stage.add()
    assert stage.run().trouble is down
    assert stage.order == [first, other, last]


@pytest.mark.parametrize(
    ("seconds", "pause"), [(0.0, 0.0), (2.0, 2.0 * PAUSE), (3600.0, LONGEST_PAUSE)]
)
def test_others_get_a_share_of_the_time_between_two_sessions(
    stage: Stage, seconds: float, pause: float
) -> None:
    stage.seconds = seconds
    for fate in (Fate.ARCHIVED, Fate.OFF, Fate.ARCHIVED):
        stage.add(fate)
    stage.run()
    assert stage.pauses == [pause]


def test_a_round_with_real_sessions_archives_them(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    [finished] = Round(machine, [Candidate(path.stem, str(path))], Manner()).run(lambda *_: None)
    assert (finished.fate, finished.lines) == (Fate.ARCHIVED, 1)
    assert os.path.exists(home.paths.store)
