"""Checks of the hooks in Claude Code's settings: there, once, up to date, and not switched off."""

from __future__ import annotations

import os
import shlex
from itertools import islice
from typing import TYPE_CHECKING

from confab_sync.claude.directories import config_dir
from confab_sync.claude.installation import edited_settings
from confab_sync.claude.managed import NO_HOOKS, managed_directory, managed_switches, read_settings
from confab_sync.cli.binding import unbound
from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.hooks import installation, launcher_path, memory_path
from confab_sync.cli.wording import short_path
from confab_sync.config import load_config
from confab_sync.errors import ConfigError, SettingsError
from confab_sync.paths import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.claude.settings import Inspection
    from confab_sync.cli.context import Context

PROJECTS = 200
"""Projects, those of the latest sessions, whose own settings are looked at."""

PROJECT_SETTINGS = (".claude/settings.json", ".claude/settings.local.json")


def checks(context: Context, managed: str | None = None) -> Iterator[Check]:
    """Every settings file that matters; `managed` is the directory of the managed ones."""
    for path in settings_files(context):
        yield from _hooked(context, path)
    directory = managed_directory() if managed is None else managed
    for path, key in managed_switches(directory):
        found = f'{path}, which an administrator controls, sets "{key}": our hooks do not run'
        yield Check("managed settings", FAIL, found, "ask the administrator of this machine")
    yield from _unbound(context)
    yield from _projects(context)


def _unbound(context: Context) -> Iterator[Check]:
    """Directories whose sessions go nowhere, and bindings that no session can belong to."""
    try:
        config = load_config(context.paths.config)
        left_out = unbound(context, config)
    except (ConfigError, SettingsError):
        return  # told of by other checks
    for directory in left_out:
        name = f"backend of {short_path(directory, context.environ)}"
        found = "it has hooks, but no backend is bound to it: nothing of its sessions is sent"
        yield Check(name, FAIL, found, f"confab setup --config-dir {shlex.quote(directory)}")
    for directory, binding in config.bindings.get(PROVIDER, {}).items():
        if not binding.is_usable:
            continue
        name = f"binding of {short_path(directory, context.environ)}"
        if not os.path.isdir(directory):
            make = f"mkdir -p {shlex.quote(directory)}"
            yield Check(name, WARN, "there is no such directory", make)
        elif (real := os.path.realpath(directory)) != directory:
            found = f"config.json should name it {real}: until then nothing of its sessions is sent"
            yield Check(name, FAIL, found, f"confab setup --config-dir {shlex.quote(real)}")


def settings_files(context: Context) -> list[str]:
    """The user's settings of every known configuration directory of Claude Code."""
    try:
        bindings = load_config(context.paths.config).bindings.get(PROVIDER, {})
    except ConfigError:
        bindings = {}
    own = os.path.abspath(config_dir(context.environ))
    bound = [directory for directory, binding in bindings.items() if binding.is_usable]
    found = [f"{directory}/settings.json" for directory in (own, *bound)]
    try:
        found += edited_settings(memory_path(context))
    except SettingsError:
        pass  # the memory is of use to `remove` only, which says so
    return list(dict.fromkeys(map(os.path.abspath, found)))


def _hooked(context: Context, path: str) -> Iterator[Check]:
    shown = short_path(path, context.environ)
    name = f"hooks in {shown}"
    own = os.path.abspath(config_dir(context.environ))
    there = os.path.dirname(path)
    option = "" if there == own else f" --config-dir {shlex.quote(there)}"
    hooks = installation(context, path)
    try:
        inspection = hooks.inspect()
        was_set_up = path in edited_settings(memory_path(context))
    except SettingsError as error:
        yield Check(name, FAIL, str(error), f"${{EDITOR:-vi}} {shown}")
        return

    def add() -> str:
        hooks.add()
        return f"brought the hooks in {shown} up to date"

    states = set(inspection.events.values())
    wanting = [event for event, state in inspection.events.items() if state != "installed"]
    others = _others(inspection)
    if not wanting:
        yield Check(name, OK, f"installed for {', '.join(inspection.events)}")
    elif states == {"missing"} and others:
        yield Check(name, FAIL, "another confab only", f"confab setup --replace{option}")
    elif states == {"missing"} and not was_set_up:
        found = "there are none: no session is archived"
        yield Check(name, FAIL, found, f"confab setup{option}")
    else:
        found = f"missing or out of date: {', '.join(wanting)}"
        yield Check(name, FAIL, found, f"confab hooks add{option}", add)
    if others and states != {"missing"}:
        found = f"{others} is hooked as well, so sessions are copied twice"
        yield Check(f"double hooks in {shown}", WARN, found, f"confab setup --replace{option}")
    if inspection.disabled:
        found = f'"{NO_HOOKS}" is true there, so Claude Code runs no hook at all'
        yield Check(f"hooks switched off in {shown}", FAIL, found, f"${{EDITOR:-vi}} {shown}")


def _others(inspection: Inspection) -> str:
    """The other programs called confab on the events that we listen to."""
    return ", ".join(
        program
        for program, events in inspection.other_confabs.items()
        if any(event in inspection.events for event in events)
    )


def _projects(context: Context) -> Iterator[Check]:
    """What projects' own settings add to the user's, or switch off."""
    for directory in _directories(context):
        for relative in PROJECT_SETTINGS:
            path = f"{directory}/{relative}"
            if not os.path.isfile(path) or path in settings_files(context):
                continue
            shown = short_path(path, context.environ)
            if read_settings(path).get(NO_HOOKS) is True:
                found = f'"{NO_HOOKS}" is true there: sessions of this project are not archived'
                yield Check(
                    f"hooks switched off in {shown}", WARN, found, f"${{EDITOR:-vi}} {shown}"
                )
            if programs := _called(context, path):
                found = f"{programs} is hooked there beside the user's settings, and runs twice"
                yield Check(f"double hooks in {shown}", WARN, found, f"${{EDITOR:-vi}} {shown}")


def _called(context: Context, path: str) -> str:
    """The confabs that a project's settings call, ours among them."""
    try:
        inspection = installation(context, path).inspect()
    except SettingsError:
        return ""  # Claude Code says so itself
    ours = any(state != "missing" for state in inspection.events.values())
    own = [launcher_path(context)] if ours else []
    return ", ".join([*own, *filter(None, [_others(inspection)])])


def _directories(context: Context) -> list[str]:
    """The directories in which the latest sessions ran, and this one."""
    from confab_sync.cli.knowing import known_sessions

    try:
        here = [os.getcwd()]
    except OSError:  # it was removed
        here = []
    known = (session.cwd for session in known_sessions(context)[0])
    return list(islice(dict.fromkeys(filter(None, (*here, *known))), PROJECTS))
