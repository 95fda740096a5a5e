"""A daemon that meets a mistake of ours goes, and its session is finished by others."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from confab_sync.paths import Paths
from confab_sync.presence import due, inbox
from tests.presence.factories import files_in, start
from tests.processes import kill, python

BROKEN = """
import importlib, os, sys
from confab_sync.paths import Paths
from confab_sync.presence import lock
os.dup2(lock.take(Paths(os.environ).session("s").lock), lock.LOCK_FD)
image = importlib.import_module("confab_sync.daemon." + sys.argv[1])
image.rest = image.Daemon = lambda *_, **__: 1 / 0
image.main(["claude-code", "s", "0"])
"""


@pytest.mark.parametrize("image", ["rest", "work"])
def test_the_next_hook_looks_for_what_a_broken_daemon_has_left_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, image: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    places = Paths(os.environ)
    due.put_off(places.finisher.due, time.time() + 3600)
    paths = places.session("s")
    os.makedirs(paths.directory)
    inbox.append(paths.inbox, start())
    broken = python(BROKEN, image)
    assert broken.wait() == 1
    kill(broken)
    assert files_in(paths.directory) == []
    assert due.is_due(places.finisher.due, time.time())
