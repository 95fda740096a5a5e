"""Every check there is, in the order in which a person would look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.cli.checks import (
    daemons,
    databases,
    hooks,
    places,
    program,
    servers,
    sessions,
    settings,
)
from confab_sync.cli.checks.check import FAIL, Check
from confab_sync.errors import ConfabError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from confab_sync.cli.context import Context

    Theme = Callable[[Context], Iterator[Check]]

THEMES: tuple[tuple[str, Theme], ...] = (
    ("program", program.checks),
    ("settings", settings.checks),
    ("hooks", hooks.checks),
    ("servers", servers.checks),
    ("databases", databases.checks),
    ("daemons", daemons.checks),
    ("sessions", sessions.checks),
    ("places", places.checks),
)


def all_checks(context: Context) -> Iterator[Check]:
    """Look at everything. One theme that cannot be looked at hides nothing of the others."""
    for name, theme in THEMES:
        try:
            yield from theme(context)
        except (ConfabError, OSError) as error:
            yield Check(name, FAIL, f"cannot be looked at: {error}", "CONFAB_DEBUG=1 confab doctor")
        except Exception as error:
            told = f"cannot be looked at, a fault of confab's own: {type(error).__name__}: {error}"
            yield Check(name, FAIL, told, "confab doctor --bundle report.zip")
