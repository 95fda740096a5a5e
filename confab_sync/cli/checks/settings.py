"""Checks of config.json: whether it can be used, and whether it keeps sessions back."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from confab_sync import consent
from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.cli.checks.notices import stale_notice
from confab_sync.cli.wording import counted, short_path
from confab_sync.config import load_config
from confab_sync.errors import ConfigError

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
        remedy = f"${{EDITOR:-vi}} {shlex.quote(path)}"
        yield Check("config.json", FAIL, f"{error}; until then nothing is archived", remedy)
        return
    if os.path.exists(path):
        yield Check("config.json", OK, f"{short_path(path, context.environ)} can be used")
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


def _masking(config: Config) -> Check:
    from confab_sync.redaction.configured import masker_from

    if not config.masks:
        found = "switched off: secrets are archived as they are"
        return Check("masking", WARN, found, "confab config set redaction.enabled true")
    try:
        masker_from(config.raw.get("redaction"))
    except ConfigError as error:
        found = f"{error}; until then nothing is archived"
        return Check("masking", FAIL, found, "confab config unset redaction.patterns")
    return Check("masking", OK, "on")


def _kept_back(context: Context, config: Config) -> Iterator[Check]:
    pause = consent.pause(config.raw, context.clock().timestamp())
    if pause is not None:
        yield Check("pause", WARN, f"{pause}: nothing is archived", "confab resume")
    rules = config.raw.get(consent.IGNORE) or []
    if rules:
        listed = f"{counted(len(rules), 'rule')} of what is never archived"
        yield Check("ignore", OK, f"{listed}; see confab ignore --list")
    if context.environ.get("CONFAB_DISABLED", "0") not in ("", "0"):
        found = "CONFAB_DISABLED is set here: sessions that are started from here are not archived"
        yield Check("CONFAB_DISABLED", WARN, found, "unset CONFAB_DISABLED")
