"""Only a test that ran and failed counts as one that noticed the switch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from integration.faults.verdict import FAILED, PASSED, verdict

HANGING = """
import pytest
@pytest.mark.timeout(0.2)
def test_it():
    while True: pass
"""
BROKEN_FIXTURE = """
import pytest
@pytest.fixture
def tool(): raise AssertionError('no tool')
def test_it(tool): pass
"""


def told(tmp_path: Path, content: str) -> str:
    (tmp_path / "test_one.py").write_text(content)
    report = tmp_path / "report.xml"
    options = [
        "-q",
        "-p",
        "pytest_timeout",
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
        "--rootdir",
        str(tmp_path),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "test_one.py::test_it"],
        cwd=tmp_path,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        check=False,
    )
    return verdict(done.returncode, report)


@pytest.mark.parametrize(
    "content", ["def test_it(): assert False", "def test_it(): 1 / 0", HANGING]
)
def test_a_test_that_failed_by_itself_has_failed(tmp_path: Path, content: str) -> None:
    assert told(tmp_path, content) == FAILED


def test_a_test_that_passed_has_passed(tmp_path: Path) -> None:
    assert told(tmp_path, "def test_it(): pass") == PASSED


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("import nowhere\ndef test_it(): pass", "status"),
        ("def test_it(:", "status"),
        ("def test_other(): pass", "status"),
        (BROKEN_FIXTURE, "could not run"),
        ("import pytest\ndef test_it(): pytest.skip('no root')", "skipped"),
    ],
)
def test_what_never_ran_proves_nothing(tmp_path: Path, content: str, why: str) -> None:
    said = told(tmp_path, content)
    assert said not in (FAILED, PASSED)
    assert why in said


def test_a_run_without_a_report_proves_nothing(tmp_path: Path) -> None:
    assert verdict(1, tmp_path / "none.xml") == "pytest wrote no report"
