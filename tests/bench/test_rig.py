"""A bench leaves nothing running, whatever its daemons have started."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.rig import Rig
from bench.subjects import Subject

SLEEPING = "print(flush=True); import time; time.sleep(600)"


@pytest.mark.skipif(not os.path.exists("/proc/self/environ"), reason="there is no /proc")
def test_nothing_that_was_started_with_its_home_outlives_a_rig(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.defpath}
    rig = Rig(tmp_path, environ, Subject("confab", Path("confab"), is_own=True))
    command = [sys.executable, "-c", SLEEPING]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) as finisher:
        assert finisher.stdout is not None
        finisher.stdout.readline()
        try:
            rig.end_all()
            assert finisher.wait(30) != 0
        finally:
            finisher.kill()
