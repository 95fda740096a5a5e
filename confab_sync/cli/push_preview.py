"""What `confab push` would send, asked of the server without sending anything."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from confab_sync.backends.http.downloads import Downloads
from confab_sync.backends.http.lookup import session_there
from confab_sync.cli.choosing import title
from confab_sync.cli.status_table import short_id
from confab_sync.cli.wording import counted
from confab_sync.engine.told import named
from confab_sync.errors import SessionGone
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.backends.http.client import Client
    from confab_sync.engine.told import Record
    from confab_sync.store.archive import UserArchive
    from confab_sync.store.values import StoredSession


def preview(
    archive: UserArchive,
    sessions: Sequence[StoredSession],
    there: Client,
    record: Record,
    *,
    as_json: bool,
) -> None:
    """Say what would be sent; the server is only read from. Raises `BackendError`."""
    rows = []
    for session in sessions:
        told = record.of(named(session.provider, session.external_id))
        session_id = told.session_id or session_there(there, session.external_id)
        lines = _lines_there(there, session, session_id)
        missing = sum(
            max(0, file.lines - lines.get(file.name, 0))
            for file in archive.files(session.session_id)
        )
        rows.append((session, session_id or "", missing))
    if as_json:
        _print_rows(rows)
    else:
        _show_rows(rows, there.address.url)


def _lines_there(there: Client, session: StoredSession, session_id: str | None) -> dict[str, int]:

    if not session_id:
        return {}
    try:
        files = Downloads(there, session_id, session.external_id).files()
    except SessionGone:
        return {}
    return {file.name: file.lines for file in files}


def _show_rows(rows: Sequence[tuple[StoredSession, str, int]], url: str) -> None:

    lacking = [row for row in rows if row[2]]
    lines = sum(missing for _, _, missing in lacking)
    click.echo(
        f"Would send {counted(lines, 'line')} of {counted(len(lacking), 'session')} to "
        f"{printable(url)}; {counted(len(rows) - len(lacking), 'session')} "
        f"{'is' if len(rows) - len(lacking) == 1 else 'are'} there with all lines."
    )
    for session, _, missing in lacking:
        of = f"{missing:,} of {counted(session.lines, 'line')}"
        name = printable(short_id(session.external_id))
        click.echo(f"{name}  {of}  {printable(title(session)[:60])}")


def _print_rows(rows: Sequence[tuple[StoredSession, str, int]]) -> None:

    listed = [
        {
            "id": session.external_id,
            "session_id": session_id,
            "lines": session.lines,
            "missing_lines": missing,
        }
        for session, session_id, missing in rows
    ]
    click.echo(json.dumps({"sessions": listed}, indent=2))
