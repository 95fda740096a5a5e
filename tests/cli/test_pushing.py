"""A server that is busy is waited for as long as it goes on; one that does not is given up."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.pushed import Outcome
from confab_sync.cli.pushing import PATIENCE, Destination, Pushing
from confab_sync.config import Config
from confab_sync.engine.told import opened_record
from confab_sync.errors import BackendUnavailable, FileUnavailable, PositionMoved, SessionGone
from confab_sync.store.store import Store
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.cli.test_push import archive
from tests.engine.test_push import There

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.backends.protocol import Appended
    from confab_sync.errors import BackendError
    from confab_sync.store.values import Chunk, OpenedSession, SessionInfo

URL = "https://confab.example.com"


class Busy(There):
    """A server that answers so many times with an error before it opens a session."""

    def __init__(self, *errors: BackendError) -> None:
        super().__init__()
        self.errors = list(errors)

    def open_session(self, info: SessionInfo) -> OpenedSession:
        if self.errors:
            raise self.errors.pop(0)
        return super().open_session(info)


class Deleting(There):
    """A server where somebody deletes each session before its first line comes."""

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        raise SessionGone("deleted")


def pushed(
    tmp_path: Path, there: There, *names: str, is_chosen: bool = False
) -> tuple[Outcome, float]:
    """What came of pushing these sessions, and how many seconds were waited."""
    home, outcome = Home(tmp_path), Outcome()
    waited = 0.0

    def pause(seconds: float) -> None:
        nonlocal waited
        waited += seconds

    for name in names:
        archive(home, name)
    with (
        closing(Store.open(home.paths.store, clock=lambda: NOW)) as store,
        opened_record(home.paths.pushed, URL, "ann") as record,
    ):
        destination = Destination(URL, there, lambda _there, _name: there, record)
        pushing = Pushing(
            home.context,
            Config(),
            store,
            destination,
            outcome,
            is_chosen=is_chosen,
            clock=lambda: waited,
            pause=pause,
        )
        pushing.run(store.sessions(), {}, silent=True)
    return outcome, waited


def test_a_server_that_says_later_is_waited_for_as_long_as_it_asks(tmp_path: Path) -> None:
    there = Busy(BackendUnavailable("busy", retry_after=20.0))
    outcome, waited = pushed(tmp_path, there, ONE)
    assert (outcome.exit_status, list(outcome.sent), waited) == (0, [ONE], 20.0)


def test_a_server_that_stays_away_is_given_up_and_the_rest_is_not_tried(tmp_path: Path) -> None:
    there = Busy(*[BackendUnavailable("down")] * 1000)
    outcome, waited = pushed(tmp_path, there, ONE, TWO)
    assert (outcome.exit_status, outcome.sent, outcome.not_tried) == (6, {}, 2)
    assert PATIENCE / 2 < waited <= PATIENCE


def test_a_session_that_another_sends_as_well_is_begun_again(tmp_path: Path) -> None:
    outcome, _ = pushed(tmp_path, Busy(PositionMoved("moved")), ONE)
    assert (outcome.exit_status, list(outcome.sent)) == (0, [ONE])


def test_a_session_that_never_stands_still_is_told(tmp_path: Path) -> None:
    outcome, _ = pushed(tmp_path, Busy(*[PositionMoved("moved")] * 10), ONE)
    assert (outcome.exit_status, list(outcome.failed)) == (6, [ONE])


@pytest.mark.parametrize("is_chosen", [True, False])
def test_a_session_that_is_deleted_again_and_again_is_given_up(
    tmp_path: Path, is_chosen: bool
) -> None:
    outcome, _ = pushed(tmp_path, Deleting(), ONE, is_chosen=is_chosen)
    assert (outcome.gone, outcome.sent) == ([ONE], {})


@pytest.mark.parametrize(("number", "tried"), [(1, True), (3, False)])
def test_a_server_that_fails_on_one_session_may_take_the_next(
    tmp_path: Path, number: int, tried: bool
) -> None:
    there = Busy(*[FileUnavailable("500")] * number)
    names = [ONE, TWO, "33333333-3333-4444-5555-666666666666", "44444444"]
    outcome, _ = pushed(tmp_path, there, *names)
    assert bool(outcome.sent) is tried
    assert outcome.not_tried == (0 if tried else 2)
