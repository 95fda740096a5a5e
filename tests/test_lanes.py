from __future__ import annotations

import subprocess
import sys

import pytest

from confab_sync import __version__, lanes
from tests.hooks.home import BOOT


@pytest.mark.parametrize("words", [[], ["no-such-lane"], ["hook", "session-start"]])
def test_words_that_name_no_lane_do_nothing(words: list[str]) -> None:
    lanes.run(words)


def test_the_lane_of_commands_ends_with_their_status(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        lanes.run(["cli", "--version"])
    assert ended.value.code == 0
    assert __version__ in capfd.readouterr().out
    with pytest.raises(SystemExit) as ended:
        lanes.run(["cli", "no-such-command"])
    assert ended.value.code == 2


@pytest.mark.parametrize("lane", ["cli", "no-such-lane"])
def test_the_first_file_of_every_process_finds_the_package_and_the_lane(lane: str) -> None:
    command = [sys.executable, "-I", BOOT, lane, "--version"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert (__version__.encode() in done.stdout) == (lane == "cli")
