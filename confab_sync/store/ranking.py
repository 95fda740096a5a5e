"""Which passages of the search index are the best for a question, within bounded work.

A word that is said everywhere tells little of a passage, and ranking each that has it would take
seconds. So of more than `RANKED` passages half of that many at each end of the index are ranked:
the index is first filled with the newest sessions first, then goes on with what arrives.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

RANKED = 20_000
"""Passages that have what is looked for, and are compared with each other at most."""

FEW = 200
"""Sessions whose stretch of the index is asked for; that of more takes longer than it saves."""

# The join is crossed, so that SQLite asks the index first; sessions that were indexed at one
# time lie in a stretch of it, and the rest is not walked through.
_MATCHES = """
    FROM words CROSS JOIN passages AS p ON p.id = words.rowid
    WHERE words MATCH :expression AND words.rowid BETWEEN :low AND :high
    AND p.file IN (
        SELECT id FROM files WHERE session IN (SELECT value FROM json_each(:sessions))
    )
"""
_STRETCH = """
    SELECT min((SELECT min(id) FROM passages WHERE file = f.id)) AS low,
        max((SELECT max(id) FROM passages WHERE file = f.id)) AS high
    FROM files AS f WHERE f.session IN (SELECT value FROM json_each(:sessions))
"""
_ALL = "SELECT min(id) AS low, max(id) AS high FROM passages"
_LAST = f"SELECT p.id {_MATCHES} ORDER BY words.rowid DESC LIMIT 1 OFFSET :skipped"
_FIRST = f"SELECT p.id {_MATCHES} ORDER BY words.rowid LIMIT 1 OFFSET :skipped"

# Texts are fetched for the best alone; sorting by bm25() ranks what is left, by `rank` everything.
_BEST = f"""
    SELECT f.session, f.name, p.line, p.role, p.moment, p.text, best.rank
    FROM (
        SELECT p.id, bm25(words) AS rank {_MATCHES}
        AND (words.rowid <= :first OR words.rowid >= :last)
        ORDER BY bm25(words) LIMIT :limit
    ) AS best JOIN passages AS p ON p.id = best.id JOIN files AS f ON f.id = p.file
    ORDER BY best.rank, best.id
"""  # noqa: S608


def best(
    connection: sqlite3.Connection,
    expression: str,
    sessions: Iterable[str],
    limit: int,
    ranked: int = RANKED,
) -> list[sqlite3.Row]:
    """The best passages in these sessions, the best one first, among up to `ranked`."""
    chosen = list(sessions)
    asked: dict[str, object] = {"expression": expression, "sessions": json.dumps(chosen)}
    stretch = connection.execute(_STRETCH if len(chosen) <= FEW else _ALL, asked).fetchone()
    if stretch["low"] is None:
        return []
    asked |= {"low": stretch["low"], "high": stretch["high"], "skipped": ranked // 2 - 1}
    last = connection.execute(_LAST, asked).fetchone()
    first = last and connection.execute(_FIRST, asked).fetchone()
    asked["last"] = last[0] if last else stretch["low"]
    asked["first"] = first[0] if first else stretch["low"]
    return connection.execute(_BEST, asked | {"limit": limit}).fetchall()
