"""What the state file says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from confab_sync.daemon import status as module
from confab_sync.daemon.status import Status
from confab_sync.engine.report import FileReport
from confab_sync.errors import BackendUnavailable, ConfigError
from tests.daemon.factories import report, sent


def written() -> tuple[Status, list[dict[str, Any]]]:
    states: list[dict[str, Any]] = []
    ticks = iter(range(1000))
    status = Status({"pid": 5}, lambda s: states.append(dict(s)), lambda: f"t{next(ticks)}")
    return status, states


def test_the_fields_of_the_spawn_are_kept() -> None:
    status, states = written()
    status.phase("syncing")
    assert states[-1]["pid"] == 5


def test_nothing_is_written_when_nothing_changed() -> None:
    status, states = written()
    status.cycle(report(work=sent()))
    before = len(states)
    status.cycle(report())
    status.phase(str(states[-1].get("phase", "")))
    status.cycle(report())
    assert len(states) - before <= 1


def test_files_are_listed_with_what_is_behind() -> None:
    status, states = written()
    file = FileReport("a", "agent", lines=2, bytes=20, behind=3, note="ends in an unfinished line")
    status.cycle(report(files=(file,)))
    assert states[-1]["files"] == [
        {
            "name": "a",
            "kind": "agent",
            "lines": 2,
            "bytes": 20,
            "behind_bytes": 3,
            "note": "ends in an unfinished line",
        }
    ]
    assert states[-1]["behind_bytes"] == 3


def test_errors_come_with_their_time_and_go_with_the_next_success() -> None:
    status, states = written()
    status.cycle(report(error=BackendUnavailable("locked"), backend_session_id=""))
    assert states[-1]["connection"] == "offline"
    since = states[-1]["last_error_at"]
    status.cycle(report(error=BackendUnavailable("locked"), backend_session_id=""))
    assert states[-1]["last_error_at"] == since
    status.cycle(report(error=ConfigError("broken"), backend_session_id=""))
    assert states[-1]["connection"] == "error"
    status.cycle(report(work=sent()))
    assert states[-1]["connection"] == "online"
    assert "last_error" not in states[-1]
    assert "last_online_at" in states[-1]


def test_before_the_first_file_the_connection_is_idle() -> None:
    status, states = written()
    status.set(connection="idle")
    status.cycle(report(files=(), backend="", backend_session_id=""))
    assert states[-1]["connection"] == "idle"


def test_of_very_many_files_the_remarkable_ones_are_shown() -> None:
    files = [FileReport(f"f{n}", "agent", 1, 1, 0) for n in range(module.FILES_SHOWN + 10)]
    files.append(FileReport("late", "agent", 0, 0, 9))
    status, states = written()
    status.cycle(report(files=tuple(files)))
    assert states[-1]["files"][0]["name"] == "late"
    assert len(states[-1]["files"]) == module.FILES_SHOWN
    assert states[-1]["files_omitted"] == 11


def test_a_disk_that_refuses_the_state_does_not_stop_the_daemon(tmp_path: Path) -> None:
    attempts = []

    def refuse(state: dict[str, Any]) -> None:
        attempts.append(state)
        if len(attempts) == 1:
            raise OSError(28, "No space left on device")

    status = Status({}, refuse, lambda: "t")
    status.set(phase="syncing")
    status.flush()
    status.flush()
    assert len(attempts) == 2


def test_work_is_counted_over_cycles() -> None:
    status, states = written()
    status.cycle(report(work=sent(2)))
    status.cycle(report(work=sent(3)))
    assert states[-1]["work"]["lines_sent"] == 5
    assert states[-1]["work"]["cycles"] == 2
