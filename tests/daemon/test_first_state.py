"""What an image takes over from the one before it, and when it does not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confab_sync.daemon.first_state import first_state, lived_as
from confab_sync.daemon.machine import Machine
from confab_sync.paths import Paths, SessionPaths
from confab_sync.presence import state as states
from confab_sync.process import this_platform

SERVER = "https://confab.example.com"
LEFT = {
    "backend": SERVER,
    "confab_session_id": "b",
    "phase_since": "2026-03-01T10:00:00Z",
}


def session(tmp_path: Path) -> SessionPaths:
    paths = Paths({"CONFAB_HOME": str(tmp_path)}).session("s")
    Path(paths.directory).mkdir(parents=True)
    return paths


def machine(tmp_path: Path, configured: float | None) -> Machine:
    """One whose config.json was last written at that moment, if there is one."""
    paths = Paths({"CONFAB_HOME": str(tmp_path)})
    if configured is not None:
        Path(paths.config).write_text("{}")
        os.utime(paths.config, (configured, configured))
    return Machine(paths, {})


def test_a_state_that_the_process_has_written_is_taken_over(tmp_path: Path) -> None:
    paths = session(tmp_path)
    left = {**first_state(paths, this_platform()), "phase": "resting"}
    states.write(paths.state, left)
    assert first_state(paths, this_platform()) == left


def test_a_state_that_cannot_be_read_is_made_anew_for_this_process(tmp_path: Path) -> None:
    paths = session(tmp_path)
    Path(paths.state).write_text("no JSON")
    state = first_state(paths, this_platform())
    assert (state["pid"], state["external_id"], state["phase"]) == (os.getpid(), "s", "starting")


def test_the_session_at_the_backend_is_known_while_the_configuration_is_as_it_was(
    tmp_path: Path,
) -> None:
    assert lived_as(LEFT, machine(tmp_path, 1_700_000_000)) == (SERVER, "b")
    assert lived_as(LEFT, machine(tmp_path / "new", None)) == (SERVER, "b")


def test_the_session_at_the_backend_is_not_known_once_the_configuration_has_changed(
    tmp_path: Path,
) -> None:
    """Another key may be another user's, who has another session."""
    assert lived_as(LEFT, machine(tmp_path, 1_800_000_000)) == ("", "")


def test_a_store_has_one_owner_whatever_the_configuration_says(tmp_path: Path) -> None:
    left = {**LEFT, "backend": "embedded"}
    assert lived_as(left, machine(tmp_path, 1_800_000_000)) == ("embedded", "b")


@pytest.mark.parametrize("what", LEFT)
def test_a_state_without_what_it_takes_names_no_session(tmp_path: Path, what: str) -> None:
    state = {key: value for key, value in LEFT.items() if key != what}
    assert lived_as(state, machine(tmp_path, 1_700_000_000)) == ("", "")
