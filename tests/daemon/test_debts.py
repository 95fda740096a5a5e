"""What a leaving daemon could not do is on record, masked, and the next hook sees to it."""

from __future__ import annotations

import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.daemon.debts import Debts
from confab_sync.engine.known import OwedEnd
from confab_sync.engine.report import CycleReport, FileReport
from confab_sync.errors import BackendUnavailable, ConfabError, RegistryError
from confab_sync.presence import due, inbox
from tests.cli.archives import ONE
from tests.daemon.machines import machine_in

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.daemon.machine import Machine
    from tests.cli.archives import Home

END: inbox.Record = {
    "type": inbox.END,
    "timestamp": "2026-03-01T11:00:00Z",
    "hook_input": {"reason": "exit", "note": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"},
}


def report(error: ConfabError | None = None) -> CycleReport:
    return CycleReport("", 0, error=error)


def debts(home: Home, machine: Machine) -> Debts:
    complaints: list[RegistryError] = []
    return Debts(machine, home.session(), complaints.append)


def ends(home: Home, *, told: bool = False) -> list[OwedEnd]:
    with closing(home.registry()) as registry:
        return registry.ends("claude-code", ONE, told=told)


def archived(home: Home) -> None:
    home.write(b"one\n")
    home.archive()
    due.put_off(home.paths.finisher.due, time.time() + 3600)


def is_due(home: Home) -> bool:
    return due.is_due(home.paths.finisher.due, time.time())


def test_end_that_could_not_be_told_is_owed_and_seen_to_at_once(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    archived(home)
    debts(home, machine).record(END, report())
    [end] = ends(home)
    assert end.timestamp == "2026-03-01T11:00:00Z"
    assert '"exit"' in end.payload
    assert "ghp_" not in end.payload
    assert is_due(home)
    assert due.failures(home.paths.finisher.due) == 1


def test_end_that_was_told_is_not_owed_again(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    archived(home)
    with closing(home.registry()) as registry:
        told = OwedEnd("2026-03-01T11:00:00Z", "null")
        registry.owe_end("claude-code", ONE, told, told=True)
    debts(home, machine).record(END, report())
    assert (ends(home), len(ends(home, told=True))) == ([], 1)
    assert not is_due(home)


@pytest.mark.parametrize("last", [None, report(BackendUnavailable("down"))])
def test_session_that_is_not_archived_is_seen_to_at_once(
    tmp_path: Path, last: CycleReport | None
) -> None:
    home, machine = machine_in(tmp_path)
    archived(home)
    due.put_off(home.paths.finisher.due, time.time() + 3600, failures=4)
    debts(home, machine).record(None, last)
    assert is_due(home)
    assert due.failures(home.paths.finisher.due) == 4


def test_registry_that_could_not_be_told_is_seen_to_at_once(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    archived(home)
    debts(home, machine).record(None, report(), untold=True)
    assert is_due(home)


def test_who_owes_nothing_wakes_nobody(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    archived(home)
    debts(home, machine).record(None, report())
    assert not is_due(home)


def test_place_that_cannot_be_written_keeps_no_daemon_from_leaving(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    os.makedirs(home.paths.finisher.due)
    debts(home, machine).record(None, None)


TORN = FileReport(f"{ONE}.jsonl", "transcript", 1, 4, 7, "")
UNREAD = FileReport(f"{ONE}.jsonl", "transcript", 1, 4, 0, "cannot be read", is_unread=True)


@pytest.mark.parametrize("file", [TORN, UNREAD], ids=["torn", "unread"])
def test_what_may_change_by_itself_is_looked_at_by_whoever_opens_a_session_next(
    tmp_path: Path, file: FileReport
) -> None:
    home, machine = machine_in(tmp_path)
    archived(home)
    place = home.paths.finisher.due
    moment = due.moment(place)
    debts(home, machine).record(None, CycleReport("", 0, files=(file,)))
    assert not is_due(home)
    assert due.is_due(place, time.time(), eager=True)
    assert (due.moment(place), due.failures(place)) == (moment, 0)
