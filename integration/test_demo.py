"""`confab demo` as a user types it."""

import signal
import subprocess
from pathlib import Path

import pytest

from integration.home import Home
from integration.waiting import until


def everything_in(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_the_copy_is_complete_and_nothing_is_left(home: Home) -> None:
    done = home.confab("demo")
    assert "The copy is complete, byte for byte." in done.stdout
    assert done.stdout.count(" same\n") == 4
    assert "DIFFERS" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert home.processes() == []
    assert everything_in(home.path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_after_an_interrupt(home: Home, number: signal.Signals) -> None:
    with subprocess.Popen(
        [home.executable, "demo"],
        env=home.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as demo:
        until(lambda: list((home.path / "tmp").rglob("*.jsonl")), "the session is written")
        demo.send_signal(number)
        demo.wait(timeout=60)
    assert demo.returncode == 128 + number
    assert home.processes() == []
    assert everything_in(home.path) == []
