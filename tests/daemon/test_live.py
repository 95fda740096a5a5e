"""What a daemon says of itself is true when it arrives, and tells nothing of the session."""

from __future__ import annotations

import json

from confab_sync.daemon.live import Live
from confab_sync.engine.report import CycleReport, FileReport
from confab_sync.errors import BackendUnavailable

FILE = FileReport("t.jsonl", "transcript", lines=1, bytes=10, behind=7)


class Daemon:
    """A state and a clock that a test can change."""

    def __init__(self) -> None:
        self.phase, self.connection, self.now = "starting", "idle", 100.0
        self.live = Live("run", lambda: self.phase, lambda: self.connection, lambda: self.now)


def cycle(**fields: object) -> CycleReport:
    return CycleReport("/t/t.jsonl", 1, files=(FILE,), **fields)  # type: ignore[arg-type]


def test_whoever_sends_is_syncing_and_online() -> None:
    daemon = Daemon()
    assert daemon.live.fields()["phase"] == "syncing"
    assert daemon.live.fields()["connection"] == "online"
    assert daemon.live.fields()["behind_bytes"] is None
    daemon.phase, daemon.connection = "stopping", "offline"
    assert daemon.live.fields()["phase"] == "stopping"
    assert daemon.live.fields()["connection"] == "online"
    daemon.connection = "error"
    assert daemon.live.fields()["connection"] == "error"


def test_lag_is_the_time_for_which_not_everything_could_be_sent() -> None:
    daemon = Daemon()
    daemon.live.cycle(cycle())
    daemon.now += 60
    assert daemon.live.fields()["lag_seconds"] == 0
    daemon.live.cycle(cycle(error=BackendUnavailable("no network")))
    daemon.now += 60
    daemon.live.cycle(cycle(error=BackendUnavailable("no network")))
    daemon.now += 1.25
    assert daemon.live.fields()["lag_seconds"] == 61.2
    assert daemon.live.fields()["behind_bytes"] == 7
    daemon.live.cycle(cycle(more=True))
    assert daemon.live.fields()["lag_seconds"] == 61.2
    daemon.live.cycle(cycle())
    assert daemon.live.fields()["lag_seconds"] == 0


def test_no_error_and_no_path_is_told() -> None:
    daemon = Daemon()
    daemon.live.cycle(cycle(error=BackendUnavailable("the secret place /t")))
    told = json.dumps(daemon.live.fields())
    assert "secret" not in told
    assert "/t" not in told
