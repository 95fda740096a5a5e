"""Daemons that are not to go on are woken, and waited for no longer than one may wait."""

from __future__ import annotations

from pathlib import Path

from confab_sync.cli.halting import Halted, halt_refused
from confab_sync.cli.stopping import PATIENCE
from confab_sync.config import write_config
from tests.cli.archives import ONE, TWO, Home
from tests.cli.test_stopping import Clock


def halt(home: Home) -> tuple[Halted, float]:
    clock = Clock()
    return halt_refused(home.context, clock=clock, pause=clock.pause), clock.now


def test_without_daemons_nobody_is_waited_for(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"paused": {}})
    assert halt(home) == (Halted(), 0.0)


def test_a_daemon_that_does_not_leave_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"ignore": ["/home/u/app"]})
    home.state()
    with home.locked():
        halted, waited = halt(home)
    assert halted == Halted(0, (ONE,))
    assert PATIENCE <= waited < PATIENCE + 1


def test_those_that_are_not_concerned_are_not_waited_for(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"ignore": ["/home/u/other"]})
    home.state()
    home.state(TWO, cwd="/home/u/else")
    with home.locked(), home.locked(TWO):
        assert halt(home) == (Halted(), 0.0)
