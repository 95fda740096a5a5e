"""The rows of links from sessions to pull requests and commits (contract §2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.store.times import from_text, to_text

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link as a client or a transcript names it; `type` is `commit` or `pull_request`."""

    type: str
    url: str
    owner: str
    repo: str
    ref: str
    source: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is kept."""

    id: int
    session_id: str
    link: NewLink
    created_at: datetime


def put(connection: sqlite3.Connection, session: int, link: NewLink, now: datetime) -> Link:
    """Keep a link; one to the same thing keeps its id and takes over the rest."""
    connection.execute(
        "INSERT INTO github_links"
        " (session_id, type, url, owner, repo, ref, title, source, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (session_id, type, owner, repo, ref)"
        " DO UPDATE SET url = excluded.url, title = excluded.title, source = excluded.source",
        (
            session,
            link.type,
            link.url,
            link.owner,
            link.repo,
            link.ref,
            link.title,
            link.source,
            to_text(now),
        ),
    )
    row = connection.execute(
        _SELECT + " WHERE session_id = ? AND l.type = ? AND owner = ? AND repo = ? AND ref = ?",
        (session, link.type, link.owner, link.repo, link.ref),
    ).fetchone()
    return _link(row)


def listing(connection: sqlite3.Connection, session: int) -> list[Link]:
    """The links of a session, the newest first."""
    rows = connection.execute(
        _SELECT + " WHERE session_id = ? ORDER BY l.created_at DESC, l.id DESC", (session,)
    )
    return [_link(row) for row in rows]


def of_user(connection: sqlite3.Connection, user: int) -> dict[str, list[Link]]:
    """The links of all of a user's sessions that have some, by public id, the newest first."""
    rows = connection.execute(
        _SELECT + " WHERE user_id = ? ORDER BY l.created_at DESC, l.id DESC", (user,)
    )
    found: dict[str, list[Link]] = {}
    for row in rows:
        found.setdefault(row["uuid"], []).append(_link(row))
    return found


_SELECT = "SELECT l.*, s.uuid FROM github_links AS l JOIN sessions AS s ON s.id = l.session_id"


def _link(row: sqlite3.Row) -> Link:
    link = NewLink(
        row["type"],
        row["url"],
        row["owner"],
        row["repo"],
        row["ref"],
        row["source"],
        row["title"],
    )
    return Link(row["id"], row["uuid"], link, from_text(row["created_at"]))
