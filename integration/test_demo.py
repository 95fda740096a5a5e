"""`confab demo` as a user types it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.home import Home
from integration.waiting import until


@contextmanager
def demo(home: Home) -> Iterator[tuple["subprocess.Popen[str]", Home]]:
    """The running demo and its temporary home, once its session is being written."""
    with subprocess.Popen(
        [home.executable, "demo"],
        env=home.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        transcripts = until(lambda: list(home.path.rglob("*.jsonl")), "a session is written")
        own = next(path for path in transcripts[0].parents if path.name.startswith("confab-demo-"))
        yield process, Home(own, home.executable)


def files_in(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_the_copy_is_complete_and_nothing_is_left(home: Home) -> None:
    with demo(home) as (process, own):
        assert until(own.daemons, "a daemon runs in the demo's home")
        shown, _ = process.communicate(timeout=60)
    assert process.returncode == os.EX_OK, shown
    assert "The copy is complete, byte for byte." in shown
    assert shown.count(" same\n") == 4
    assert "DIFFERS" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert own.processes() == []
    assert files_in(home.path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_after_an_interrupt(home: Home, number: signal.Signals) -> None:
    with demo(home) as (process, own):
        assert until(own.daemons, "a daemon runs in the demo's home")
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert own.processes() == []
    assert files_in(home.path) == []
