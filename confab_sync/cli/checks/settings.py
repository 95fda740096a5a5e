"""Checks of config.json: whether it can be used, and whether it keeps sessions back."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.checks.notices import stale_notice
from confab_sync.cli.wording import counted, in_local_time, short_path
from confab_sync.config import load_config
from confab_sync.errors import ConfigError, UsageError
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.config import Config


def checks(context: Context) -> Iterator[Check]:
    """config.json, masking, what is kept from being copied, and a notice about it all."""
    path = context.paths.config
    try:
        config = load_config(path)
    except ConfigError as error:
        found = f"{error}; until that is mended nothing is archived"
        yield Check("config.json", FAIL, found, _remedy(path))
        return
    if os.path.exists(path):
        yield Check("config.json", OK, f"{short_path(path, context.environ)} can be used")
        yield from _unknown(config)
    else:
        yield Check("config.json", WARN, "there is none, so defaults hold", "confab setup")
    yield _masking(config)
    yield from _kept_back(context, config)
    yield from stale_notice(
        context,
        "config",
        "a notice about config.json is left, although that can be used now",
        "removed the notice about settings that are mended",
    )


def _remedy(path: str) -> str:
    """What to type where the settings cannot be used: an editor opens files, and only one's own."""
    quoted = shlex.quote(path)
    if os.path.lexists(path) and not os.path.isfile(path):
        return f"mv {quoted} {quoted}.aside && confab setup"
    if os.access(path, os.R_OK | os.W_OK):
        return f"${{EDITOR:-vi}} {quoted}"
    return f"chmod u+rw {quoted}"


def _unknown(config: Config) -> Iterator[Check]:
    """Settings that have no effect, such as one with a slip of the pen in its name."""
    from confab_sync.cli.dotted import check_is_known

    for key in sorted(set(config.raw) - {consent.IGNORE, consent.PAUSED}):
        try:
            check_is_known(key)
        except UsageError:
            found = f"this confab does not know '{printable(key)}', which has no effect"
            yield Check("setting", WARN, found, f"confab config unset {shlex.quote(key)}")


def _masking(config: Config) -> Check:
    from confab_sync.redaction.configured import masker_from

    if not config.masks:
        found = "switched off: secrets are archived as they are"
        return Check("masking", WARN, found, "confab config set redaction.enabled true")
    try:
        masker_from(config.raw.get("redaction"))
    except ConfigError as error:
        found = f"{error}; until that is mended nothing is archived"
        return Check("masking", FAIL, found, "confab config unset redaction.patterns")
    return Check("masking", OK, "on")


def _kept_back(context: Context, config: Config) -> Iterator[Check]:
    pause = consent.pause(config.raw, context.clock().timestamp())
    if pause is not None:
        yield Check("pause", WARN, f"{in_local_time(pause)}: nothing is archived", "confab resume")
    rules = config.raw.get(consent.IGNORE) or []
    if rules:
        listed = f"{counted(len(rules), 'rule')} of what is never archived"
        yield Check("ignore", OK, f"{listed}; see confab ignore --list")
    if context.environ.get("CONFAB_DISABLED", "0") not in ("", "0"):
        found = "CONFAB_DISABLED is set here: sessions that are started from here are not archived"
        yield Check("CONFAB_DISABLED", WARN, found, "unset CONFAB_DISABLED")
