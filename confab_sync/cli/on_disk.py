"""The transcripts that a command may be about: all that lie on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude.directories import projects_dirs
from confab_sync.claude.discovery import newest, transcripts
from confab_sync.config import load_config

if TYPE_CHECKING:
    from confab_sync.claude.discovery import Transcript
    from confab_sync.cli.context import Context


def on_disk(context: Context) -> dict[str, Transcript]:
    """Every transcript below the known projects directories, by session. Raises `ConfigError`."""
    bound = load_config(context.paths.config).bound_directories
    return newest(transcripts(projects_dirs(context.environ, bound)))
