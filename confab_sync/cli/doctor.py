"""`confab doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

import click

from confab_sync.cli.options import json_option
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from confab_sync.cli.checks.check import Check
    from confab_sync.cli.context import Context

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}

NARROWEST = 20
"""Columns for which text is made to fit."""

INDENT = 6
"""Columns before what was found and its remedy."""


@click.command(
    short_help="Look at what usually goes wrong, and say what to do.",
    epilog="Example: confab doctor --fix",
)
@click.option("--fix", is_flag=True, help="Do what is safe to do without asking, and say what.")
@json_option
@click.option("--bundle", metavar="FILE", help="Write a zip for a bug report, without secrets.")
@click.pass_obj
def command(context: Context, fix: bool, as_json: bool, bundle: str | None) -> int:
    """Look at everything that usually goes wrong, and say what to type against it.

    --fix brings back missing hooks after setup and the launcher, lets a new daemon finish what
    dead ones left, and removes notices that are over. The exit status is 0 if nothing has
    failed, warnings or not, and 1 otherwise.
    """
    from confab_sync.cli.checks.all import all_checks
    from confab_sync.cli.checks.check import FAIL

    if bundle is not None:
        _check_is_free(bundle)
    found = list(all_checks(context))
    done: list[str] = []
    if fix:
        done = list(fixed(found))
        found = list(all_checks(context)) if done else found
    if as_json:
        _print_json(found, done)
    else:
        _print(context, found, done)
    if bundle is not None:
        from confab_sync.cli.bundle import write_bundle

        write_bundle(context, bundle, found)
        click.echo(f"Written: {printable(bundle)}. Have a look at it before you send it.", err=True)
    return 1 if any(check.verdict == FAIL for check in found) else 0


def fixed(found: Iterable[Check]) -> Iterator[str]:
    """Do the fixes that there are; what each did, or why it could not."""
    from confab_sync.cli.checks.check import OK
    from confab_sync.errors import ConfabError

    for check in found:
        if check.verdict == OK or check.fix is None:
            continue
        try:
            yield check.fix()
        except (ConfabError, OSError) as error:
            yield f"{check.name} could not be fixed: {error}"


def lines(found: Iterable[Check], width: int) -> Iterator[tuple[str, str]]:
    """Each line with the verdict that it belongs to; none is wider than `width`, if it can be."""
    width = max(width, NARROWEST)
    for check in found:
        head = f"{check.verdict:<4}  {check.name}: {check.found}"
        for line in _wrapped(head, width, " " * INDENT):
            yield check.verdict, line
        if check.remedy:
            yield check.verdict, f"{' ' * INDENT}$ {printable(check.remedy)}"


def summary(found: Iterable[Check]) -> str:
    """How many of each, in one sentence."""
    from confab_sync.cli.wording import counted

    verdicts = [check.verdict for check in found]
    warnings, failures = verdicts.count("warn"), verdicts.count("fail")
    if not warnings and not failures:
        return "Nothing is wrong."
    return f"{counted(failures, 'failure')}, {counted(warnings, 'warning')}."


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        printable(text),
        width,
        subsequent_indent=indent,
        break_long_words=False,  # so that a path can be copied
        break_on_hyphens=False,
    )


def _print(context: Context, found: list[Check], done: list[str]) -> None:
    is_coloured = sys.stdout.isatty() and not context.environ.get("NO_COLOR")
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else 10_000
    for each in done:
        click.echo(printable(f"fixed: {each}"))
    for verdict, line in lines(found, width):
        is_head = is_coloured and line.startswith(f"{verdict} ")
        if is_head:
            line = click.style(verdict, fg=COLOURS[verdict]) + line[len(verdict) :]  # noqa: PLW2901
        click.echo(line, color=is_coloured)
    click.echo("\n".join(_wrapped(summary(found), max(width, NARROWEST), "")))
    if not done and any(check.fix and check.verdict != "ok" for check in found):
        click.echo("`confab doctor --fix` does what is safe to do.")


def _print_json(found: list[Check], done: list[str]) -> None:
    import json

    click.echo(json.dumps({"checks": [as_json(each) for each in found], "fixed": done}, indent=2))


def as_json(check: Check) -> Mapping[str, object]:
    """One check as an object of JSON."""
    return {
        "name": check.name,
        "verdict": check.verdict,
        "found": check.found,
        "remedy": check.remedy,
        "fixable": check.fix is not None,
    }


def _check_is_free(path: str) -> None:
    from confab_sync.errors import UsageError

    if os.path.lexists(path):
        raise UsageError(f"{printable(path)} is there already; name a new file")
    if not os.path.isdir(os.path.dirname(path) or "."):
        raise UsageError(f"{printable(os.path.dirname(path))} is not a directory")
