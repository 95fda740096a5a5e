from __future__ import annotations

import os
from pathlib import Path

import pytest

from confab_sync.paths import PROVIDER
from confab_sync.presence import inbox, lock
from confab_sync.presence import state as states
from confab_sync.presence.orphans import known_sessions, orphans
from confab_sync.process import Identity
from tests.presence.factories import session_at, start, state_of, take
from tests.processes import FakeProcesses


def found(directory: Path, processes: FakeProcesses | None = None) -> list[str]:
    abandoned = orphans(str(directory), PROVIDER, processes or FakeProcesses())
    return [paths.external_id for paths in abandoned]


def test_a_directory_that_is_missing_or_a_file_has_no_sessions(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert known_sessions(f"{tmp_path}/missing") == []
    assert known_sessions(f"{tmp_path}/file") == []
    assert found(tmp_path / "missing") == []


def test_sessions_are_known_by_their_state_or_inbox_in_the_order_of_their_ids(
    tmp_path: Path,
) -> None:
    for name in ("b.json", "b.inbox.jsonl", "a.inbox.jsonl", "c.json", "d.lock", "e.off"):
        (tmp_path / name).write_text("")
    assert known_sessions(str(tmp_path)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "name", [".json", ".inbox.jsonl", "a b.json", "x.json.7.tmp", "..json", "é.json", "a;b.json"]
)
def test_a_file_that_no_hook_could_have_made_is_no_session(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("{}")
    assert known_sessions(str(tmp_path)) == []


def test_a_session_whose_lock_is_held_is_no_orphan(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    processes = FakeProcesses()
    state_of(paths, processes.add(7))
    taken = take(paths)
    assert found(tmp_path, processes) == []
    os.close(taken)
    assert found(tmp_path, processes) == ["s"]


def test_an_inbox_without_a_state_is_an_orphan(tmp_path: Path) -> None:
    inbox.append(session_at(tmp_path).inbox, start())
    assert found(tmp_path) == ["s"]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"run_id":"r"}'])
def test_a_state_that_nobody_can_read_is_an_orphans(tmp_path: Path, content: str) -> None:
    Path(session_at(tmp_path).state).write_text(content)
    assert found(tmp_path) == ["s"]


def test_a_daemon_of_another_container_is_not_ours_to_judge_until_the_boot_is_over(
    tmp_path: Path,
) -> None:
    """Locks may not reach across; what ends with the machine does."""
    processes = FakeProcesses()
    state_of(session_at(tmp_path, "there"), Identity(7, "1", processes.boot, "pid:[2]"))
    state_of(session_at(tmp_path, "past"), Identity(7, "1", "last boot", "pid:[2]"))
    assert found(tmp_path, processes) == ["past"]


def test_a_living_go_daemon_has_left_no_orphan_and_a_dead_one_has(tmp_path: Path) -> None:
    processes = FakeProcesses()
    processes.add(77, "/bin/confab")
    states.write(session_at(tmp_path, "living").state, {"pid": 77})
    states.write(session_at(tmp_path, "dead").state, {"pid": 78})
    assert found(tmp_path, processes) == ["dead"]


def test_what_cannot_be_probed_is_left_alone(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    os.symlink("nowhere", paths.lock)
    state_of(paths)
    assert found(tmp_path) == []


def test_looking_for_orphans_disturbs_no_lock(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    state_of(paths)
    assert found(tmp_path) == ["s"]
    taken = lock.take(paths.lock)
    assert taken is not None
    os.close(taken)
