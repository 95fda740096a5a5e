"""The time that all daemons of a machine keep away from a backend."""

from __future__ import annotations

import json
import os
import random
from itertools import pairwise
from pathlib import Path

import pytest

from confab_sync.backends.http.holdoff import (
    FORGOTTEN_AFTER,
    LONGEST,
    LONGEST_ASKED,
    HoldOff,
    prune,
)
from confab_sync.errors import BackendUnavailable
from tests.backends.http.api import Clock

URL = "https://confab.example.com"


def hold_off(home: Path, clock: Clock, url: str = URL) -> HoldOff:
    return HoldOff.of(f"{home}/backoff", url, clock, random.Random(1))


def file_of(home: Path) -> Path:
    (file,) = (home / "backoff").glob("*.json")
    return file


def test_what_one_daemon_learns_all_others_heed(tmp_path: Path) -> None:
    clock = Clock()
    hold_off(tmp_path, clock).failed("down", 20.0)
    with pytest.raises(BackendUnavailable, match="down") as caught:
        hold_off(tmp_path, clock).check()
    assert caught.value.retry_after is not None
    assert 20.0 <= caught.value.retry_after <= 25.0
    clock.now += 20.0
    hold_off(tmp_path, clock).check()


def test_other_backends_are_not_concerned(tmp_path: Path) -> None:
    clock = Clock()
    hold_off(tmp_path, clock).failed("down", 20.0)
    hold_off(tmp_path, clock, "https://other.example.com").check()


def test_success_ends_it(tmp_path: Path) -> None:
    clock = Clock()
    hold_off(tmp_path, clock).failed("down", 20.0)
    hold_off(tmp_path, clock).succeeded()
    hold_off(tmp_path, clock).check()


def test_waits_grow_to_a_limit_and_start_anew_after_success(tmp_path: Path) -> None:
    clock = Clock()
    here = hold_off(tmp_path, clock)
    waits = []
    for _ in range(12):
        waits.append(here.failed("down", None))
        clock.now += waits[-1]
    assert waits[0] < 1.5
    assert all(later > 1.1 * earlier for earlier, later in pairwise(waits[:6]))
    assert LONGEST * 0.75 <= waits[-1] <= LONGEST * 1.25
    here.succeeded()
    assert here.failed("down", None) < 1.5


def test_wait_that_nobody_has_lengthened_for_long_begins_anew(tmp_path: Path) -> None:
    """A machine that slept, or a server that was not used for months."""
    clock = Clock()
    here = hold_off(tmp_path, clock)
    for _ in range(12):
        clock.now += here.failed("down", None)
    clock.now += FORGOTTEN_AFTER
    assert here.failed("down", None) < 1.5


def test_file_of_a_backend_that_is_not_asked_any_more_goes(tmp_path: Path) -> None:
    clock = Clock()
    hold_off(tmp_path, clock, "https://former.example.com").failed("down", 20.0)
    former = file_of(tmp_path)
    os.utime(former, (clock.now, clock.now))
    other = former.with_name("other.txt")
    other.write_bytes(b"")
    os.utime(other, (clock.now, clock.now))
    prune(str(tmp_path / "backoff"), clock.now + LONGEST_ASKED)
    assert former.exists()
    prune(str(tmp_path / "backoff"), clock.now + LONGEST_ASKED + FORGOTTEN_AFTER + 1)
    assert [each.name for each in (tmp_path / "backoff").iterdir()] == ["other.txt"]
    prune(str(tmp_path / "nowhere"), clock.now)


def test_requests_that_fail_together_are_one_failure(tmp_path: Path) -> None:
    clock = Clock()
    waits = [hold_off(tmp_path, clock).failed("down", None) for _ in range(50)]
    assert max(waits) < 1.5
    clock.now += 1.5
    hold_off(tmp_path, clock).check()


def test_server_may_ask_for_an_hour_at_most(tmp_path: Path) -> None:
    here = hold_off(tmp_path, Clock())
    assert here.failed("later", 10.0**8) == LONGEST_ASKED
    assert here.failed("later", 0.0) == 1.0


def test_file_is_private(tmp_path: Path) -> None:
    hold_off(tmp_path, Clock()).failed("down", None)
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert file_of(tmp_path).parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"until": "x", "wait": 1, "why": ""}',
        b'{"until": NaN, "wait": 1, "why": ""}',
        b'{"until": 1e99, "wait": 1, "why": ""}',
        b'{"until": 1800000000, "wait": -5, "why": ""}',
        b"[" * 4000,
    ],
)
def test_file_that_makes_no_sense_holds_nobody_off(tmp_path: Path, content: bytes) -> None:
    here = hold_off(tmp_path, Clock())
    here.failed("down", 20.0)
    file_of(tmp_path).write_bytes(content)
    here.check()
    assert here.failed("down", None) < 1.5


def test_clock_that_was_set_back_does_not_stop_syncing(tmp_path: Path) -> None:
    clock = Clock()
    here = hold_off(tmp_path, clock)
    here.failed("down", 20.0)
    clock.now -= 86400.0
    here.check()


def test_home_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "backoff").write_text("a file where a directory should be")
    here = hold_off(tmp_path, Clock())
    assert here.failed("down", 20.0) == 20.0
    here.check()
    here.succeeded()


def test_what_is_kept_is_what_status_may_show(tmp_path: Path) -> None:
    hold_off(tmp_path, Clock()).failed("the server is down", 20.0)
    assert json.loads(file_of(tmp_path).read_bytes())["why"] == "the server is down"
