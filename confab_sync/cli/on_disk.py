"""The transcripts that a command may be about: all that lie on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude import discovery
from confab_sync.claude.layout import projects_dirs
from confab_sync.config import load_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context


def transcripts(context: Context) -> Iterator[str]:
    """The path of every transcript below the known projects directories, oldest first.

    Raises `ConfigError`.
    """
    bound = load_config(context.paths.config).bound_directories
    found = discovery.transcripts(projects_dirs(context.environ, bound))
    for transcript in sorted(found, key=lambda each: (each.modified, each.path)):
        yield transcript.path
