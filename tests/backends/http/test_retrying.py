"""What is asked again within one call, how soon, and what is left to the next cycle."""

from __future__ import annotations

from pathlib import Path

import pytest

from confab_sync.errors import BackendUnavailable
from tests.backends.http.api import Api, Clock, Reply, backend, error, text
from tests.backends.http.values import chunk, info

LIMITED = "Rate limit exceeded. Please try again later."


def test_short_trouble_is_sat_out_within_the_call(tmp_path: Path) -> None:
    api, clock = Api(), Clock()
    api.once(error(503, "Storage temporarily unavailable"), "init")
    api.once(text(429, LIMITED), "init")
    assert backend(api, tmp_path, clock).open_session(info()).session_id
    assert len(clock.waits) == 2
    assert clock.waits[0] < clock.waits[1] < 2.0


def test_lasting_trouble_is_left_to_the_next_cycle(tmp_path: Path) -> None:
    api, clock = Api(), Clock()
    api.always(text(429, LIMITED))
    there = backend(api, tmp_path, clock)
    with pytest.raises(BackendUnavailable, match="429") as caught:
        there.open_session(info())
    assert caught.value.retry_after is not None
    assert sum(clock.waits) < 4.0
    assert len(api.asked) == 3


def test_nobody_asks_before_the_time_that_the_server_named(tmp_path: Path) -> None:
    api, clock = Api(), Clock()
    api.once(text(429, LIMITED, **{"Retry-After": "600"}))
    there = backend(api, tmp_path, clock)
    with pytest.raises(BackendUnavailable) as caught:
        there.open_session(info())
    assert caught.value.retry_after == 600.0
    for other in (there, backend(api, tmp_path, clock)):
        with pytest.raises(BackendUnavailable):
            other.open_session(info())
    assert len(api.asked) == 1
    clock.now += 601
    assert there.open_session(info()).session_id


def test_short_time_that_the_server_named_is_waited_for(tmp_path: Path) -> None:
    api, clock = Api(), Clock()
    api.once(text(429, LIMITED, **{"Retry-After": "2"}))
    assert backend(api, tmp_path, clock).open_session(info()).session_id
    assert clock.waits == [2.0]


@pytest.mark.parametrize("value", ["", "soon", "-5", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_time_that_is_no_whole_number_is_not_believed(tmp_path: Path, value: str) -> None:
    api, clock = Api(), Clock()
    api.once(Reply(429, headers={"Retry-After": value}))
    assert backend(api, tmp_path, clock).open_session(info()).session_id
    assert clock.waits[0] < 1.0


def test_failure_of_one_file_holds_no_other_daemon_off(tmp_path: Path) -> None:
    api, clock = Api(), Clock()
    there = backend(api, tmp_path, clock)
    session_id = there.open_session(info()).session_id
    rule = api.always(error(500, "Failed to upload chunk"), "chunk")
    with pytest.raises(BackendUnavailable):
        there.append(session_id, chunk(b"one\n"))
    api.rules.remove(rule)
    assert backend(api, tmp_path, clock).open_session(info()).session_id == session_id
