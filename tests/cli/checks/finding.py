"""Looks for one check among those of a theme."""

from __future__ import annotations

from collections.abc import Iterable

from confab_sync.cli.checks.check import Check


def one(checks: Iterable[Check], beginning: str) -> Check:
    """The only check whose name begins like this."""
    (found,) = [check for check in checks if check.name.startswith(beginning)]
    return found


def none(checks: Iterable[Check], beginning: str) -> bool:
    return not any(check.name.startswith(beginning) for check in checks)
