from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from confab_sync.presence import lock
from tests.hooks.home import BOOT, Home

REPORTING = f"""
import os, sys
before = set(sys.modules)
leave = os._exit
def report(status):
    with open(sys.argv[-1], "w") as stream:
        stream.write("\\n".join(sorted(set(sys.modules) - before)))
    leave(status)
os._exit = report
sys.argv = [{BOOT!r}, "hook", *sys.argv[1:]]
__file__ = {BOOT!r}
exec(compile(open({BOOT!r}).read(), {BOOT!r}, "exec"))
"""
"""Runs the lane with `os` loaded already; a hook loads that too, and its own dependencies."""

ALLOWED = {
    *("__future__", "_json", "_signal", "errno", "fcntl", "time"),
    *("confab_sync", "confab_sync.errors", "confab_sync.paths", "confab_sync.process"),
    *("confab_sync.inheritance", "confab_sync.quickjson"),
    *("confab_sync.redaction", "confab_sync.redaction.discretion"),
    "confab_sync.redaction.suspicion",
}
"""Cheap: built in, or a few dozen lines. Everything else costs the user milliseconds."""

ROOMS = ("confab_sync.presence", "confab_sync.claude", "confab_sync.hooks")


def imported_by(home: Home, name: str, *flags: str) -> set[str]:
    report = f"{home.directory}/modules"
    done = subprocess.run(
        [sys.executable, *flags, "-c", REPORTING, name, report],
        input=json.dumps(home.payload()).encode(),
        capture_output=True,
        env=home.environ,
        check=True,
    )
    assert done.stderr == b""
    with open(report) as stream:
        return set(stream.read().split("\n"))


@pytest.mark.parametrize("name", ["session-start", "session-end", "user-prompt-submit"])
@pytest.mark.parametrize("is_running", [False, True], ids=["first", "running"])
def test_a_hook_imports_nothing_that_is_slow(home: Home, name: str, is_running: bool) -> None:
    if is_running:
        home.run("session-start")
    modules = imported_by(home, name, "-I", "-S")
    assert lock.is_held(home.paths().lock)
    assert "confab_sync.hooks.lane" in modules
    rooms = {module for module in modules if module.startswith(ROOMS)}
    assert modules - rooms - ALLOWED == set()


def test_what_a_hook_loads_of_the_assistant_is_only_what_it_needs(home: Home) -> None:
    modules = imported_by(home, "session-start", "-I", "-S")
    assert {module for module in modules if module.startswith("confab_sync.claude.")} == {
        "confab_sync.claude.layout",
        "confab_sync.claude.parent",
        "confab_sync.claude.payload",
    }


def test_the_resting_image_stays_small_too() -> None:
    """It is what a daemon is for nearly all of its life."""
    code = (
        f"import sys; sys.path.insert(0, {os.path.dirname(os.path.dirname(BOOT))!r}); import os\n"
        "before = set(sys.modules)\n"
        "import confab_sync.daemon.rest\n"
        "print('\\n'.join(set(sys.modules) - before))"
    )
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    heavy = {"json", "re", "subprocess", "typing", "dataclasses", "contextlib", "pathlib",
             "signal", "enum", "functools", "collections", "logging", "sqlite3", "threading",
             "socket", "zlib"}  # fmt: skip
    assert set(done.stdout.split()) & heavy == set()
