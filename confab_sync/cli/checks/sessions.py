"""Checks of the sessions: none is deleted before it is archived, all of a version we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude.version import OBSERVED, is_known, transcript_version
from confab_sync.cli.backlog import SAVE, backlog
from confab_sync.cli.catalogue import catalogue
from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.overview import overview
from confab_sync.cli.wording import counted, size_in_words
from confab_sync.errors import ConfabError, ConfigError
from confab_sync.installer import upgrade_command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context

LATEST = 5
"""Transcripts that are asked which Claude Code wrote them."""


def checks(context: Context) -> Iterator[Check]:
    """What is not archived yet, and who writes the transcripts."""
    try:
        yield _deletion(context)
        yield from _version(context)
    except ConfigError:
        return  # told of by the checks of config.json
    except ConfabError as error:
        yield Check("sessions", FAIL, f"they cannot be looked at: {error}", "confab list")


def _deletion(context: Context) -> Check:
    now = context.clock().timestamp()
    left = backlog(context, overview(context.paths, clock=context.clock).sessions)
    number = left.sessions + left.never
    told = f"{counted(number, 'session')} with data that is not archived"
    if left.bytes:
        told += f" ({size_in_words(left.bytes)} of known ones)"
    if (soon := left.soon(now)) and left.deadlines:
        is_over = left.deadlines[0] < now + 86400
        when = left.first_in_words(now)
        found = f"Claude Code will delete {soon} of {told}, the first {when}"
        return Check("deletion", FAIL if is_over else WARN, found, SAVE)
    if left.never:
        return Check("deletion", WARN, f"{told}; none is deleted within a week", SAVE)
    if left.left_out and not number:
        out = f"{counted(left.left_out, 'session')} from before setup left out, as you wished"
        return Check("deletion", OK, f"everything else on disk is archived; {out}")
    return Check("deletion", OK, told if number else "everything on disk is archived")


def _version(context: Context) -> Iterator[Check]:
    listed = [each for each in catalogue(context)[0] if each.path][:LATEST]
    versions = {version for each in listed if (version := transcript_version(each.path))}
    unknown = sorted(version for version in versions if not is_known(version))
    if unknown:
        found = f"{', '.join(unknown)} wrote transcripts; confab was tried with {OBSERVED}"
        yield Check("Claude Code", WARN, found, upgrade_command())
    elif versions:
        yield Check("Claude Code", OK, f"{', '.join(sorted(versions))}, which confab knows")
