"""`confab status`: how confab stands, on one screen."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

import click

from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.cli.standing_views import Standing

LABEL = 10
"""Columns of the names at the left."""

NARROW = 50
"""Columns below which what is said goes below its name."""

COLOURS = {"good": "green", "bad": "yellow", "": None}


@click.command(
    short_help="Show how confab stands: backend, hooks, daemons, backlog, disk.",
    epilog="Example: confab status --json",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, described in docs/status.md.")
@click.pass_obj
def command(context: Context, as_json: bool) -> None:
    """Show how confab stands: backend, hooks, masking, daemons, backlog, disk.

    A server is given three seconds to answer. `confab sync status` shows the sessions one by
    one, `confab doctor` what to do about what is wrong.
    """
    from confab_sync.cli.standing import standing

    found = standing(context)
    if as_json:
        import json
        from dataclasses import asdict

        click.echo(json.dumps(asdict(found), indent=2))
        return
    is_terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if is_terminal else 10_000
    is_coloured = is_terminal and not context.environ.get("NO_COLOR")
    for line in _laid_out(context, found, width, is_coloured=is_coloured):
        click.echo(line, color=is_coloured)


def rows(context: Context, found: Standing) -> Iterator[tuple[str, str, str]]:
    """What is said: a name, empty where the last goes on, the text, and `good` or `bad`."""
    from confab_sync.cli.wording import counted, in_local_time, short_path

    yield "confab", found.version, ""
    yield from _backends(context, found)
    for number, hooks in enumerate(found.hooks):
        state = "good" if hooks.state == "installed" else "bad"
        where = short_path(hooks.settings, context.environ)
        yield "" if number else "hooks", f"{hooks.state} in {where}", state
    yield "masking", found.masking, "good" if found.masking == "on" else "bad"
    if found.paused:
        paused = in_local_time(found.paused)
        yield "pause", f"{paused}: nothing is copied; `confab resume` ends it", "bad"
    if found.ignored:
        listed = ", ".join(short_path(rule, context.environ) for rule in found.ignored[:3])
        more = f" and {len(found.ignored) - 3} more" if len(found.ignored) > 3 else ""
        yield "ignored", listed + more, ""
    yield "daemons", _daemons(found), "bad" if found.daemons.offline else ""
    yield from _backlog(context, found)
    if found.catch_up is not None:
        done, of = found.catch_up.done, found.catch_up.of
        how_far = f": {done:,} of {counted(of, 'session')}" if of else ""
        yield "", f"catching up now{how_far}", "good"
    disk = found.disk
    total = ", ".join(
        f"{name} {_size(size)}"
        for name, size in (("store", disk.store), ("index", disk.index), ("logs", disk.logs))
    )
    yield "disk", total, ""
    for number, problem in enumerate(found.problems):
        yield "" if number else "problems", problem, "bad"
    if _is_troubled(found):
        more = counted(len(found.problems), "problem") if found.problems else "something is wrong"
        yield "", f"{more}; `confab doctor` says what to do", ""


def _backends(context: Context, found: Standing) -> Iterator[tuple[str, str, str]]:
    from confab_sync.cli.wording import short_path

    if len(found.backends) > 1 or any(len(each.directories) > 1 for each in found.backends):
        yield from _several(context, found)
        return
    for number, backend in enumerate(found.backends):
        name = "" if number else "backend"
        if not backend.answers:
            yield name, f"{backend.name}: {backend.error}", "bad"
        elif backend.name == "embedded":
            yield name, f"embedded, in {short_path(context.paths.store, context.environ)}", "good"
            yield "login", "none is needed", ""
        else:
            yield name, f"{backend.name} answers", "good"
        if backend.account:
            yield "" if number else "login", f"as {backend.account}", "good"


def _several(context: Context, found: Standing) -> Iterator[tuple[str, str, str]]:
    """Each backend with the configuration directories of Claude Code that it is for."""
    from confab_sync.cli.wording import short_path

    for number, backend in enumerate(found.backends):
        of = ", ".join(short_path(each, context.environ) for each in backend.directories)
        where = backend.name
        if backend.name == "embedded":
            where = f"embedded, in {short_path(context.paths.store, context.environ)}"
        elif backend.answers:
            where += f" answers, as {backend.account}"
        text = where if backend.answers else f"{where}: {backend.error}"
        mood = "good" if backend.answers else "bad"
        yield "" if number else "backends", f"{of}: {text}" if of else text, mood


def _daemons(found: Standing) -> str:
    daemons = found.daemons
    if not daemons.running:
        return "none: no session is open"
    kinds = [("syncing", daemons.syncing), ("resting", daemons.resting)]
    kinds += [("behind", daemons.behind), ("without backend", daemons.offline)]
    told = ", ".join(f"{number} {kind}" for kind, number in kinds if number)
    return f"{daemons.running}: {told}" if told else str(daemons.running)


def _backlog(context: Context, found: Standing) -> Iterator[tuple[str, str, str]]:
    from datetime import datetime

    from confab_sync.cli.backlog import SAVE
    from confab_sync.cli.wording import counted

    left = found.backlog
    if not left.whole:
        known = f"at least {counted(left.sessions, 'session')}, {_size(left.bytes)}; "
        told_of = known if left.sessions else ""
        yield "backlog", f"{told_of}what is on disk cannot be looked at now", "bad"
        return
    if not left.sessions and not left.never:
        if left.left_out:
            out = f"{counted(left.left_out, 'session')} from before setup left out"
            yield "backlog", f"none; {out}, `confab setup --import` archives them", "good"
        else:
            yield "backlog", "none: everything on disk is archived", "good"
        return
    told = []
    if left.sessions:
        told.append(f"{counted(left.sessions, 'session')}, {_size(left.bytes)}")
    if left.never:
        told.append(f"{counted(left.never, 'session')} never archived")
    yield "backlog", "; ".join(told), ""
    if left.first_deletion:
        first = datetime.fromisoformat(left.first_deletion)
        days = int((first - context.clock()).total_seconds() // 86400)
        when = f"in {counted(days, 'day')}" if days > 0 else "any time now"
        told_when = f"Claude Code deletes the first of them {when}; `{SAVE}` archives now"
        yield "", told_when, "bad" if left.deleted_soon else ""


def _is_troubled(found: Standing) -> bool:
    return bool(
        found.problems
        or any(not backend.answers for backend in found.backends)
        or any(hooks.state != "installed" for hooks in found.hooks)
        or found.daemons.offline
        or found.backlog.deleted_soon
    )


def _size(count: int) -> str:
    from confab_sync.cli.wording import size_in_words

    return size_in_words(count)


def _laid_out(context: Context, found: Standing, width: int, *, is_coloured: bool) -> Iterator[str]:
    """The rows as lines that are no wider than `width`, except where a word is."""
    import textwrap

    narrow = width < NARROW
    room = max(20, width) - (2 if narrow else LABEL)
    for name, text, mood in rows(context, found):
        if narrow and name:
            yield name
        pieces = textwrap.wrap(
            printable(text), room, break_long_words=False, break_on_hyphens=False
        ) or [""]
        for number, piece in enumerate(pieces):
            left = "  " if narrow else (name if number == 0 else "").ljust(LABEL)
            colour = COLOURS[mood] if is_coloured else None
            yield left + (click.style(piece, fg=colour) if colour else piece)
