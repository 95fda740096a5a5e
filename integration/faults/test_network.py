"""Connections that break: after the fault the copy is whole, every line once and in order."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from integration.faults import proxy
from integration.faults.conftest import Scenario
from integration.faults.rig import Rig
from integration.waiting import until


def refused(rig: Rig) -> None:
    rig.begin(rig.proxy.url)
    rig.proxy.refuse()
    rig.write(2)
    rig.until_error("cannot be reached")
    assert rig.state["connection"] == "offline"
    rig.proxy.listen_again()
    rig.finish()


def reset_before_the_chunk_was_stored(rig: Rig) -> None:
    rig.begin(rig.proxy.url)
    rig.proxy.arm(proxy.RESET_BEFORE, times=4)
    rig.write(2)
    rig.finish()


def reset_after_the_chunk_was_stored(rig: Rig) -> None:
    rig.begin(rig.proxy.url)
    for _ in range(3):
        rig.proxy.arm(proxy.RESET_AFTER)
        rig.write(2)
        rig.until_copied()
    rig.finish()


def half_an_answer(rig: Rig) -> None:
    rig.begin(rig.proxy.url)
    for match in (b"POST /api/v1/sync/init", proxy.CHUNK):
        rig.proxy.arm(proxy.RESET_BEFORE)
        rig.proxy.arm(proxy.HALF, match=match)
        rig.write(2)
        rig.until_copied()
    rig.finish()


def an_answer_that_drips(rig: Rig) -> None:
    rig.begin(rig.proxy.url)
    rig.proxy.arm(proxy.DRIP)
    rig.write(2)
    until(lambda: "in time" in rig.error, "the daemon gives the request up", seconds=90)
    rig.finish()


def thirty_seconds_of_silence(rig: Rig) -> None:
    rig.begin(rig.proxy.url)
    rig.proxy.arm(proxy.SILENCE)
    rig.write(2)
    until(lambda: "in time" in rig.error, "the daemon gives the request up", seconds=90)
    rig.finish()


def a_name_without_an_address(rig: Rig) -> None:
    """The name is our own word: no resolver of this machine has an entry in .invalid."""
    unresolved = rig.log.arm("name without an address")
    rig.configure("http://confab.invalid:80", allow_plain_http=True)
    rig.session.start()
    rig.write(3)
    rig.until_error("cannot be reached")
    assert "confab.invalid" in rig.error
    rig.log.fire(unresolved)
    rig.configure(rig.proxy.url)
    rig.finish()


SCENARIOS = (
    refused,
    reset_before_the_chunk_was_stored,
    reset_after_the_chunk_was_stored,
    half_an_answer,
    an_answer_that_drips,
    thirty_seconds_of_silence,
    a_name_without_an_address,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: str(each.__name__))
def test_the_copy_is_whole_after(
    scenario: Scenario, outcomes: dict[Scenario, Future[None]]
) -> None:
    outcomes[scenario].result()
