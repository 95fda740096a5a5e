"""Whoever is not to go on is woken or ended, and waited for no longer than one may wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from confab_sync.cli.halting import Halted, halt_refused, tell_halted
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


FINISHES_FOR_EVER = """
import os, signal, sys
from confab_sync.paths import Paths
from confab_sync.presence import lock, state
from confab_sync.process import identify, this_platform

paths = Paths(os.environ).finisher
held = lock.take(paths.lock)
signal.signal(signal.SIGTERM, getattr(signal, sys.argv[1]))
print("locked", flush=True)
sys.stdin.readline()
me = identify(this_platform(), os.getpid())
state.write(paths.state, {"pid": os.getpid(), "daemon": me.to_json(), "current": "one"})
while True:
    signal.pause()
"""


@contextmanager
def catching_up(home: Home, heeds: str = "SIG_DFL") -> Iterator[subprocess.Popen[bytes]]:
    """While a finisher runs that has not said yet which process it is; told to, it does."""
    environ = {**os.environ, **home.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", FINISHES_FOR_EVER, heeds],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environ,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdin is not None
            assert process.stdout.readline() == b"locked\n"
            yield process
        finally:
            process.kill()


def says_who_it_is(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()


@pytest.mark.parametrize(
    ("settings", "is_woken"), [({"ignore": ["/home/u/app"]}, True), ({"paused": {}}, False)]
)
def test_finisher_is_ended_too_and_goes_on_unless_all_is_paused(
    tmp_path: Path, settings: dict[str, object], is_woken: bool
) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, settings)
    woken: list[bool] = []
    with catching_up(home) as process:
        says_who_it_is(process)
        halted = halt_refused(home.context, wake=lambda: woken.append(True))
        assert process.wait(timeout=10) == -signal.SIGTERM
    assert (halted, halted.is_complete) == (Halted(), True)
    assert bool(woken) == is_woken


def test_finisher_that_is_only_being_started_is_ended_as_soon_as_it_is_there(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"paused": {}})
    with catching_up(home) as process:
        clock = Clock()

        def pause(seconds: float) -> None:
            if not clock.now:
                says_who_it_is(process)
            clock.pause(seconds / 4)  # a busy machine needs its time to write that down
            time.sleep(seconds)

        assert halt_refused(home.context, clock=clock, pause=pause).is_complete
        assert process.wait(timeout=10) == -signal.SIGTERM


def test_finisher_that_does_not_leave_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"paused": {}})
    with catching_up(home, "SIG_IGN"):
        halted, _ = halt(home)
    assert (halted.still_catching_up, halted.is_complete) == (True, False)
    tell_halted(halted)
    assert "Not stopped: catching up" in capsys.readouterr().out


def test_without_a_finisher_none_is_woken(tmp_path: Path) -> None:
    home = Home(tmp_path)
    write_config(home.paths.config, {"ignore": ["/home/u/app"]})
    woken: list[bool] = []
    halt_refused(home.context, wake=lambda: woken.append(True))
    assert woken == []
