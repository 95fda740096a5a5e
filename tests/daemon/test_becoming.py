"""A daemon that cannot become its other image tries for a while, and is found afterwards."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from confab_sync.paths import PROVIDER, Paths
from confab_sync.presence import due, inbox
from confab_sync.presence.orphans import orphans
from confab_sync.process import this_platform
from tests.presence.factories import end, start
from tests.processes import finish, kill, python

BECOMING = """
import os, sys
from confab_sync.daemon import becoming
os.dup2(1, 3)
real, sys.executable = sys.executable, sys.argv[1]
command = [sys.executable, "-c", "print('another image')"]
becoming.become(command, print, pause=lambda _: os.symlink(real, sys.executable))
"""

RESTING = """
import os, sys
from confab_sync.daemon import becoming, rest
from confab_sync.paths import Paths
from confab_sync.presence import lock
os.dup2(lock.take(Paths(os.environ).session("s").lock), lock.LOCK_FD)
becoming.PATIENCE = 0.0
sys.executable = "/nowhere/python"
rest.main(["claude-code", "s", "0"])
"""


def test_an_interpreter_that_is_being_replaced_is_waited_for(tmp_path: Path) -> None:
    assert finish(python(BECOMING, f"{tmp_path}/python")) == "another image\n"


def test_what_was_heard_of_a_session_is_left_to_whoever_finishes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    places = Paths(os.environ)
    due.put_off(places.finisher.due, time.time() + 3600)  # nobody is to look for others now
    paths = places.session("s")
    os.makedirs(paths.directory)
    inbox.append(paths.inbox, start())
    inbox.append(paths.inbox, end())
    resting = python(RESTING)
    assert resting.wait() == 1
    kill(resting)
    (left,) = orphans(paths.directory, PROVIDER, this_platform())
    assert [record["type"] for record in inbox.read(left.inbox)[0]] == [inbox.START, inbox.END]
