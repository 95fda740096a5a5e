from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable

import pytest

from confab_sync.paths import Paths
from confab_sync.presence import lock
from tests.hooks.home import BOOT, Home

REPORTING = f"""
import posix, sys
before = set(sys.modules)
leave = posix._exit
def report(status):
    with open(sys.argv[-1], "w") as stream:
        stream.write("\\n".join(sorted(set(sys.modules) - before)))
    leave(status)
posix._exit = report
sys.argv = [{BOOT!r}, "hook", *sys.argv[1:]]
__file__ = {BOOT!r}
exec(compile(open({BOOT!r}).read(), {BOOT!r}, "exec"))
"""
"""Runs the lane as the launcher's interpreter does, without even `os` loaded."""

STANDARD = {
    *("_json", "_stat", "errno", "fcntl", "gc"),
    *("genericpath", "os.path", "posixpath", "stat", "time"),
    *("__future__", "os"),  # placeholders
}
"""Cheap: built in, frozen or small. Everything else costs the user milliseconds."""

EVERY_HOOK = {
    *("", ".early_errors", ".paths", ".process", ".quickjson"),
    *(".claude", ".claude.directories", ".claude.payload"),
    *(".hooks", ".hooks.lane", ".hooks.placeholders", ".hooks.streams", ".hooks.surroundings"),
    *(".presence", ".presence.due", ".presence.lock", ".presence.session", ".presence.state"),
    *(".redaction", ".redaction.discretion", ".redaction.suspicion"),
}
RECORDING = {".claude.parent", ".hooks.records", ".presence.inbox"}
STARTING = {".inheritance", ".presence.spawn"}

BUDGET = {
    ("session-start", False): {".hooks.session_start"} | RECORDING | STARTING,
    ("session-start", True): {".hooks.session_start"} | RECORDING,
    ("user-prompt-submit", False): {".hooks.user_prompt_submit"} | RECORDING | STARTING,
    ("user-prompt-submit", True): {".hooks.user_prompt_submit"},
    ("session-end", False): {".hooks.session_end"} | RECORDING | STARTING,
    ("session-end", True): {".hooks.session_end"} | RECORDING,
}
"""What each hook loads of confab beyond `EVERY_HOOK`, without and with a living daemon."""


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


def of_confab(rooms: Iterable[str]) -> set[str]:
    return {f"confab_sync{room}" for room in rooms}


@pytest.mark.parametrize(("name", "is_running"), BUDGET)
def test_a_hook_imports_what_it_needs_and_nothing_else(
    home: Home, name: str, is_running: bool
) -> None:
    if is_running:
        home.run("session-start")
    modules = imported_by(home, name, "-I", "-S")
    assert lock.is_held(home.paths().lock)
    ours = {module for module in modules if module.startswith("confab_sync")}
    assert ours == of_confab(EVERY_HOOK | BUDGET[name, is_running])
    assert modules - ours - STANDARD == set()


@pytest.mark.parametrize("name", ["session-start", "user-prompt-submit", "session-end"])
def test_own_patterns_cost_a_hook_the_masker_only_for_a_directory_that_is_new(
    home: Home, name: str
) -> None:
    pattern = {"name": "Staff", "type": "staff", "pattern": "E-[0-9]{6}"}
    with open(Paths(home.environ).config, "w", encoding="utf-8") as file:
        json.dump({"redaction": {"patterns": [pattern]}}, file)
    home.run("session-start")
    imported_by(home, name, "-I", "-S")
    modules = imported_by(home, name, "-I", "-S")
    assert {"confab_sync.redaction.configured", "re", "json"} & modules == set()


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
