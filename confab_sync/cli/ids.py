"""The ids of sessions as a shell completes them: from what is on disk, and quickly."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

    from confab_sync.cli.context import Context

MOST = 200
"""Ids that are offered: nobody reads more."""

SECONDS = 0.2
"""How long a database that somebody else writes to is waited for."""

KNOWN = "SELECT external_id FROM sessions WHERE external_id GLOB ? ORDER BY last_seen DESC LIMIT ?"
STORED = (
    "SELECT external_id FROM sessions WHERE external_id GLOB ? AND user_id = 1"
    " ORDER BY last_sync_at DESC LIMIT ?"
)
"""Those of the owner of this machine's store (`store.schema.OWNER`)."""


def complete_id(click_context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The ids that begin with what was typed, those seen last first; never raises.

    The registry and the store are only read: neither made, nor brought up to date, nor locked.
    """
    from confab_sync.errors import ConfabError

    try:
        return ids(_context(click_context), incomplete)
    except (ConfabError, OSError):
        return []


def ids(context: Context, beginning: str) -> list[str]:
    """The ids of known and of stored sessions that begin like this."""
    if not all(character.isalnum() or character in "-_" for character in beginning):
        return []
    found = read(context.paths.registry, KNOWN, beginning)
    found += read(context.paths.store, STORED, beginning)
    return list(dict.fromkeys(found))[:MOST]


def read(path: str, query: str, beginning: str) -> list[str]:
    """What `query` finds in the database at `path`; nothing where that cannot be read now."""
    import sqlite3
    from contextlib import closing
    from urllib.parse import quote

    try:
        uri = f"file:{quote(os.fsencode(os.path.realpath(path)))}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=SECONDS)) as connection:
            rows = connection.execute(query, (beginning + "*", MOST)).fetchall()
    except sqlite3.Error:  # not there, busy, or of another version
        return []
    return [str(row[0]) for row in rows]


def _context(click_context: click.Context) -> Context:
    """The context of the command; while a shell completes, nobody has made one yet."""
    from confab_sync.cli.context import Context

    found = click_context.find_object(Context)
    return found or Context.from_environ(os.environ)
