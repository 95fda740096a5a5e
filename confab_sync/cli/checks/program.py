"""Checks of the installation: its launcher, its libraries and its upgrade."""

from __future__ import annotations

import importlib
import os
import shlex
import sys
from typing import TYPE_CHECKING

from confab_sync import __version__, installer
from confab_sync.cli import launcher
from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.hooks import launcher_path
from confab_sync.cli.wording import short_path
from confab_sync.errors import ConfabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context

LIBRARIES = (
    ("re2", "google-re2", "masking falls back on a slower engine, and some patterns need it"),
    ("watchfiles", "watchfiles", "changes are noticed by looking, up to half a minute late"),
)
"""Native libraries without which confab works, only worse."""


def checks(context: Context) -> Iterator[Check]:
    """The program itself, the launcher that hooks call, the native libraries."""
    found = f"confab {__version__}, Python {sys.version.split()[0]}, by {installer.installer()}"
    yield Check("program", OK, f"{found}; to upgrade: {installer.upgrade_command()}")
    yield _launcher(context)
    for module, package, effect in LIBRARIES:
        yield _library(module, package, effect)


def _library(module: str, package: str, effect: str) -> Check:
    try:
        importlib.import_module(module)
    except (ImportError, OSError) as error:  # absent, or built for another machine
        found = f"cannot be loaded ({error}): {effect}"
        return Check(package, WARN, found, installer.add_command(package))
    return Check(package, OK, "there")


def _launcher(context: Context) -> Check:
    path = launcher_path(context)
    shown = short_path(path, context.environ)

    def write() -> str:
        python = launcher.interpreter(sys.executable, getattr(sys, "_base_executable", ""))
        launcher.write(path, launcher.script(python, launcher.boot_path()))
        return f"wrote the launcher {shown} anew"

    name = "launcher"
    try:
        text = launcher.read(path)
    except OSError as error:
        return Check(name, FAIL, f"{shown} cannot be read: {error.strerror}", "confab setup")
    if text is None:
        found = f"{shown}, which the hooks call, is not there"
        return Check(name, FAIL, found, "confab setup", write if _is_set_up(context) else None)
    if not launcher.is_launcher(path):
        found = f"{shown} is not the launcher of confab but another program"
        return Check(name, FAIL, found, f"mv {shlex.quote(path)} {shlex.quote(path + '.aside')}")
    python, boot = _targets(text)
    if not os.access(path, os.X_OK):
        return Check(name, FAIL, f"{shown} may not be executed", "confab setup", write)
    for gone in (python, boot):
        if not os.path.exists(gone):
            found = f"{shown} starts {gone or 'nothing'}, which is gone: no session is archived"
            return Check(name, FAIL, found, "confab setup", write)
    if boot != launcher.boot_path():
        found = f"{shown} starts another confab, {os.path.dirname(boot)}"
        return Check(name, WARN, found, "confab setup")
    try:
        is_current = text == launcher.script(python, boot)
    except ConfabError:
        is_current = False
    if not is_current:
        return Check(name, WARN, f"{shown} is of another version", "confab setup", write)
    return Check(name, OK, f"{shown} starts this confab")


def _targets(text: bytes) -> tuple[str, str]:
    """The interpreter and the script that a launcher starts; empty where it does not say."""
    found = {"python": "", "boot": ""}
    for line in os.fsdecode(text).splitlines():
        name, is_assignment, value = line.partition("=")
        if is_assignment and found.get(name) == "":
            try:
                found[name] = "".join(shlex.split(value)[:1])
            except ValueError:
                pass
    return found["python"], found["boot"]


def _is_set_up(context: Context) -> bool:
    """Whether setup was run and has not been undone."""
    from confab_sync.claude.installation import edited_settings
    from confab_sync.cli.hooks import memory_path
    from confab_sync.errors import SettingsError

    try:
        return bool(edited_settings(memory_path(context)))
    except SettingsError:
        return False
