"""Whoever is to be measured and is not there is left out by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.missing import Unmeasurable
from bench.rig import rig
from bench.subjects import Subject, peer, revision

ROOT = Path(__file__).parents[2]


def test_a_peer_that_is_not_there_is_named() -> None:
    with pytest.raises(Unmeasurable, match="/nowhere/confab"):
        peer("/nowhere/confab")


def test_a_revision_that_does_not_exist_is_named() -> None:
    with pytest.raises(Unmeasurable, match="no-such-revision"), revision("no-such-revision"):
        pytest.fail("it does not exist")


def test_a_peer_without_a_store_of_its_own_is_not_measured_on_one() -> None:
    with (
        pytest.raises(Unmeasurable, match="no store"),
        rig(Subject("peer", Path(sys.executable), is_own=False)),
    ):
        pytest.fail("it has no store")


def test_a_run_that_finds_nobody_says_so_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "latency-server", "--peer", "/nowhere/confab"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "CONFAB_TEST_EXECUTABLE": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "left out: the peer (there is no command /nowhere/confab)" in done.stdout
    assert "left out: latency-server, confab (" not in done.stdout
    assert "left out: latency-server (" in done.stdout


def test_a_work_that_does_not_exist_is_an_error() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "nothing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "there is no work 'nothing'" in done.stderr
