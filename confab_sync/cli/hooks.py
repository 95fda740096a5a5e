"""`confab hooks`: the entries in Claude Code's settings.json that call confab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from confab_sync.cli.binding import config_dir_option, place_of, unbound_notes
from confab_sync.cli.options import json_option
from confab_sync.cli.wording import short_path
from confab_sync.config import load_config

if TYPE_CHECKING:
    from confab_sync.claude.installation import Installation
    from confab_sync.claude.settings import Inspection
    from confab_sync.cli.binding import Place
    from confab_sync.cli.context import Context

_STATES = {
    "installed": "installed",
    "stale": "out of date",
    "missing": "missing",
    "foreign": "another confab only",
}


@click.group("hooks", epilog="Example: confab hooks status")
def group() -> None:
    """Add, remove or look at the hooks in Claude Code's settings.

    Claude Code runs them when a session starts or ends and at each prompt; they are how
    confab learns what to copy.
    """


@group.command("add", epilog="Example: confab hooks add")
@click.option("--replace", is_flag=True, help="Put them in the place of another confab's hooks.")
@config_dir_option
@click.pass_obj
def add(context: Context, replace: bool, config_dir: str | None) -> None:
    """Add the hooks, or bring them up to date.

    Everything else in the file stays as it is, byte for byte. Before the first change a
    backup is made beside it.
    """
    place = place_of(context, config_dir)
    config = load_config(context.paths.config)  # before anything is written
    outcome = install(context, replace=replace, settings_path=place.settings_path)
    where = short_path(outcome.settings_path, context.environ)
    if outcome.hooks_changed:
        click.echo(f"Hooks are now in {where}: {', '.join(outcome.inspection.events)}.")
    else:
        click.echo(f"Hooks were in {where} already; nothing was changed there.")
    for note in notes(outcome.inspection, f"confab hooks add --replace{place.option}"):
        click.echo(note)
    for note in unbound_notes(context, config):
        click.echo(note)


@group.command("remove", epilog="Example: confab hooks remove")
@config_dir_option
@click.pass_obj
def remove(context: Context, config_dir: str | None) -> None:
    """Remove the hooks; what was copied is kept.

    The file is as it was before they were added.
    """
    hooks = installation(context, place_of(context, config_dir).settings_path)
    where = short_path(hooks.settings_path, context.environ)
    if not hooks.remove():
        click.echo(f"There were no hooks of confab in {where}.")
        return
    click.echo(f"Hooks removed from {where}: new sessions are not copied any more.")
    click.echo("Those being copied now go on to their end; `confab sync stop --all` ends them.")
    for note in backup_notes(context, hooks.settings_path):
        click.echo(note)


@group.command("status", epilog="Example: confab hooks status --json")
@json_option
@config_dir_option
@click.pass_context
def status(click_context: click.Context, as_json: bool, config_dir: str | None) -> None:
    """Say for each hook whether it is there.

    The exit status is 0 when Claude Code will call confab on all three events, else 1.
    """
    context: Context = click_context.obj
    place = place_of(context, config_dir)
    report = look(context, place.settings_path)
    if as_json:
        _print_json(report)
    else:
        _print_table(context, report, place)
    click_context.exit(0 if report.complete else 1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `install` did, and how the settings look now."""

    settings_path: str
    launcher_changed: bool
    hooks_changed: bool
    inspection: Inspection


@dataclass(frozen=True, slots=True)
class Report:
    """Everything `confab hooks status` tells; `events` gives each event's state."""

    settings_path: str
    launcher_path: str
    launcher_whole: bool
    events: dict[str, str]
    inspection: Inspection

    @property
    def complete(self) -> bool:
        """Whether Claude Code will call confab on all events."""
        installed = all(state == "installed" for state in self.events.values())
        return installed and self.launcher_whole and not self.inspection.disabled


def installation(context: Context, settings_path: str | None = None) -> Installation:
    """Our hooks in `settings_path`, by default in the settings of this user's Claude Code."""
    from confab_sync.claude import end_wait
    from confab_sync.claude.directories import config_dir
    from confab_sync.claude.hookcommand import hooks_for
    from confab_sync.claude.installation import Installation

    path = settings_path or config_dir(context.environ) + "/settings.json"
    wanted = hooks_for(end_wait.wanted(context.environ))
    return Installation(path, launcher_path(context), memory_path(context), wanted)


def launcher_path(context: Context) -> str:
    """The absolute path that hooks call, from whatever directory."""
    import os

    return os.path.abspath(context.paths.launcher)


def memory_path(context: Context) -> str:
    """Where confab remembers what settings files were like before their first change."""
    return context.paths.home + "/settings-origin.json"


def install(context: Context, *, replace: bool, settings_path: str | None = None) -> Outcome:
    """Write the launcher and add the hooks that call it to `settings_path`, by default the user's.

    Raises `ConfabError` when one of them is not possible; settings.json is then as it was.
    """
    import sys

    from confab_sync.cli import launcher

    python = launcher.interpreter(sys.executable, getattr(sys, "_base_executable", ""))
    hooks = installation(context, settings_path)
    hooks.inspect()  # refuses what cannot be edited before anything is written
    content = launcher.script(python, launcher.boot_path())
    launcher_changed = launcher.write(launcher_path(context), content)
    hooks_changed = hooks.add(replace=replace)
    return Outcome(hooks.settings_path, launcher_changed, hooks_changed, hooks.inspect())


def look(context: Context, settings_path: str | None = None) -> Report:
    """How the hooks are now. Raises `SettingsError` for settings that cannot be read."""
    from confab_sync.cli import launcher

    hooks = installation(context, settings_path)
    inspection = hooks.inspect()
    elsewhere = {event for events in inspection.other_confabs.values() for event in events}
    events: dict[str, str] = {
        event: "foreign" if state == "missing" and event in elsewhere else state
        for event, state in inspection.events.items()
    }
    path = launcher_path(context)
    return Report(hooks.settings_path, path, launcher.is_whole(path), events, inspection)


def notes(inspection: Inspection, replacing: str) -> list[str]:
    """What else the user should know; `replacing` is the command that replaces other hooks."""
    found = [
        f"Another confab, {program}, is hooked to {', '.join(events)} and copies as well; "
        f"`{replacing}` puts this one in its place."
        for program, events in inspection.other_confabs.items()
        if any(event in inspection.events for event in events)
    ]
    if inspection.disabled:
        found.append('"disableAllHooks" is on in the same file: Claude Code runs no hook at all.')
    return found


def backup_notes(context: Context, settings_path: str) -> list[str]:
    """Where the settings from before the first change are, if they are still kept."""
    import os

    from confab_sync.claude.settings_file import backup_path

    backup = backup_path(settings_path)
    if not os.path.lexists(backup):
        return []
    shown = short_path(backup, context.environ)
    return [f"The settings from before the first change are still in {shown}."]


def _print_table(context: Context, report: Report, place: Place) -> None:
    rows = [(event, _STATES[state]) for event, state in report.events.items()]
    launcher = "installed" if report.launcher_whole else "missing"
    rows.append(("launcher", f"{launcher}  {short_path(report.launcher_path, context.environ)}"))
    width = max(len(name) for name, _ in rows)
    click.echo(f"Hooks in {short_path(report.settings_path, context.environ)}:")
    for name, state in rows:
        click.echo(f"  {name:<{width}}  {state}")
    for note in notes(report.inspection, f"confab hooks add --replace{place.option}"):
        click.echo(note)
    if not report.complete and not report.inspection.disabled:
        click.echo(f"`confab hooks add{place.option}` brings them in.")


def _print_json(report: Report) -> None:
    import json

    content = {
        "settings": report.settings_path,
        "launcher": {"path": report.launcher_path, "installed": report.launcher_whole},
        "events": report.events,
        "other_confabs": {
            program: list(events) for program, events in report.inspection.other_confabs.items()
        },
        "hooks_disabled": report.inspection.disabled,
        "complete": report.complete,
    }
    click.echo(json.dumps(content, indent=2))
