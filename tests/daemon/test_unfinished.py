"""Everything that is not archived is found, nothing else, and what is deleted first comes first."""

from __future__ import annotations

import json
import os
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from confab_sync.daemon.machine import Machine
from confab_sync.daemon.unfinished import unfinished
from confab_sync.engine.known import OwedEnd
from confab_sync.errors import RegistryError
from confab_sync.presence import due, inbox
from confab_sync.process import Identity, identify, this_platform
from tests.cli.archives import NOW, ONE, TWO
from tests.daemon.machines import machine_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY = 86400.0


def aged(path: Path, days: float) -> Path:
    stamp = NOW.timestamp() - days * DAY
    os.utime(path, (stamp, stamp))
    return path


def found(machine: Machine) -> list[str]:
    complaints: list[RegistryError] = []
    candidates = unfinished(machine, complaints.append)
    assert complaints == []
    return [candidate.external_id for candidate in candidates]


def test_session_that_no_hook_ever_told_of_is_found(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    aged(home.write(b"one\n"), 3)
    home.write(b"", TWO)
    [candidate] = unfinished(machine, lambda _: None)
    assert (candidate.external_id, candidate.transcript_path) == (ONE, str(home.transcript()))
    assert candidate.deadline == NOW.timestamp() + 27 * DAY


def test_session_that_is_archived_is_left_alone_until_it_grows(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    home.archive()
    assert found(machine) == []
    path.write_bytes(b"one\ntwo\n")
    assert found(machine) == [ONE]


def test_transcript_that_grows_long_after_its_end_is_found(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    home.archive()
    later = type(machine)(home.paths, home.environ, clock=lambda: NOW + timedelta(days=20))
    assert found(later) == []
    path.write_bytes(b"one\ntwo\n")
    assert found(later) == [ONE]


def test_late_file_of_a_finished_session_is_found_for_a_day(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    home.archive()
    home.write(b"late\n", ONE, "subagents/agent-abcdef.jsonl")
    assert found(machine) == [ONE]
    later = type(machine)(home.paths, home.environ, clock=lambda: NOW + timedelta(days=2))
    assert found(later) == []


def test_what_is_deleted_first_comes_first(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    aged(home.write(b"one\n", ONE), 1)
    aged(home.write(b"two\n", TWO), 29)
    assert found(machine) == [TWO, ONE]


def test_session_with_a_daemon_is_left_to_it(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    with home.locked():
        assert found(machine) == []
    assert found(machine) == [ONE]


def test_session_whose_end_was_not_told_is_found_though_its_lines_are_archived(
    tmp_path: Path,
) -> None:
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    home.archive()
    with closing(home.registry()) as registry:
        registry.owe_end("claude-code", ONE, OwedEnd("2026-03-01T11:00:00Z", "{}"))
    assert found(machine) == [ONE]


@pytest.mark.parametrize(("age", "is_found"), [(0.5 / 24, True), (-0.001, True)])
def test_unfinished_line_that_was_seen_too_early_is_looked_at_again(
    tmp_path: Path, age: float, is_found: bool
) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n{torn")
    aged(path, -age)
    home.archive()
    aged(path, -age)
    assert bool(found(machine)) == is_found


def test_unfinished_line_of_a_file_at_rest_is_not_looked_at_for_ever(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = aged(home.write(b"one\n{torn"), 1)
    home.archive()
    assert found(machine) == []
    path.write_bytes(b"one\n{torn}\n")
    assert found(machine) == [ONE]


def test_transcript_that_is_gone_is_not_looked_for_again(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    home.archive(settled=False)
    path.write_bytes(b"one\ntwo\n")
    assert found(machine) == [ONE]
    path.unlink()
    assert found(machine) == []


def test_sessions_from_before_the_user_began_are_not_looked_for_if_not_wanted(
    tmp_path: Path,
) -> None:
    home, machine = machine_in(tmp_path)
    aged(home.write(b"one\n", ONE), 2)
    aged(home.write(b"two\n", TWO), 0.5)
    due.put_off(home.paths.finisher.since, NOW.timestamp() - DAY)
    assert found(machine) == [TWO]


def test_without_a_registry_every_session_is_looked_at(tmp_path: Path) -> None:
    """Work goes on from the backend's positions (issue 5: a newer version is refused)."""
    home, machine = machine_in(tmp_path)
    home.write(b"one\n")
    home.archive()
    os.rename(home.paths.registry, home.paths.registry + ".away")
    os.mkdir(home.paths.registry)
    complaints: list[RegistryError] = []
    assert [each.external_id for each in unfinished(machine, complaints.append)] == [ONE]
    assert len(complaints) == 1


def test_what_a_dead_daemon_has_heard_is_taken_over(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    for record in (
        {"type": inbox.START, "transcript_path": str(path), "cwd": "/home/u/app", "parent": None},
        {"type": inbox.END, "timestamp": "2026-03-01T11:00:00Z", "hook_input": {"reason": "x"}},
    ):
        inbox.append(home.session().inbox, record)
    [candidate] = unfinished(machine, lambda _: None)
    assert (candidate.cwd, candidate.is_live) == ("/home/u/app", False)
    assert candidate.seen == inbox.size(home.session().inbox)
    assert candidate.end is not None


def test_what_a_dead_daemon_left_without_a_transcript_is_cleared_away(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    inbox.append(home.session().inbox, {"type": inbox.START, "transcript_path": "/etc/passwd"})
    assert found(machine) == []
    assert os.listdir(home.session().directory) == []


def test_session_whose_machine_was_switched_off_is_found_though_its_pids_live_again(
    tmp_path: Path,
) -> None:
    """After a boot pids belong to strangers: neither daemon nor client is believed to live."""
    home, machine = machine_in(tmp_path)
    path = home.write(b"one\n")
    home.archive()
    me = identify(this_platform(), os.getpid())
    assert me is not None
    before = Identity(me.pid, me.start, "the boot before", "another namespace")
    home.state(daemon=before.to_json())
    start = {"type": inbox.START, "transcript_path": str(path), "parent": before.to_json()}
    inbox.append(home.session().inbox, start)
    [candidate] = unfinished(machine, lambda _: None)
    assert (candidate.external_id, candidate.is_live) == (ONE, False)


class Looks:
    """Counts the looks at each path while they are taken by the real calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at: Counter[str] = Counter()
        scandir = os.scandir
        for name in ("stat", "lstat"):
            monkeypatch.setattr(os, name, self._counted(getattr(os, name)))
        monkeypatch.setattr(
            os, "scandir", lambda path: [CountedEntry(each, self.at) for each in scandir(path)]
        )

    def _counted(self, look: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def counted(path: str, **options: bool) -> os.stat_result:
            self.at[path] += 1
            return look(path, **options)

        return counted


class CountedEntry:
    """An entry of a listing whose status is asked for."""

    def __init__(self, entry: os.DirEntry[str], looks: Counter[str]) -> None:
        self._entry = entry
        self._looks = looks
        self.name, self.path = entry.name, entry.path
        self.is_dir, self.is_file = entry.is_dir, entry.is_file

    def stat(self, *, follow_symlinks: bool) -> os.stat_result:
        self._looks[self.path] += 1
        return self._entry.stat(follow_symlinks=follow_symlinks)


def test_a_sweep_looks_at_each_transcript_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, machine = machine_in(tmp_path)
    archived, new = home.write(b"one\n"), home.write(b"two\n", TWO)
    home.archive()
    later = Machine(home.paths, home.environ, clock=lambda: NOW + timedelta(days=20))
    looks = Looks(monkeypatch)
    for sweep, at in enumerate((machine, later), 1):
        assert found(at) == [TWO]
        assert [looks.at[str(path)] for path in (archived, new)] == [sweep, sweep]


def test_nothing_of_a_directory_that_was_let_go_waits_for_a_backend(tmp_path: Path) -> None:
    home, machine = machine_in(tmp_path)
    let_go = (tmp_path / "claude-work").resolve()
    transcript = let_go / "projects" / "-p" / f"{TWO}.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(b"one\n")
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, str(transcript.with_name(f"{ONE}.jsonl")), "/w")
    transcript.with_name(f"{ONE}.jsonl").write_bytes(b"one\n")
    bound: dict[str, dict[str, dict[str, object]]] = {
        "claude-code": {str(let_go): {"embedded": True}}
    }
    config = Path(home.paths.config)
    config.write_text(json.dumps({"bindings": bound}))
    assert sorted(found(machine)) == [ONE, TWO]
    bound["claude-code"][str(let_go)] = {"backend_url": ""}
    config.write_text(json.dumps({"bindings": bound}))
    assert found(machine) == []
