"""Small facts about growing files that would be slow to work out again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.store.database import Database

_LAST = "\U0010ffff"
"""No key goes on with this."""


class Fact(NamedTuple):
    """What was worked out from the first `bytes` of a `generation` of something."""

    generation: int
    bytes: int
    text: str


class Facts:
    """The facts in the search index's database; they may be lost at any time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, keys: Iterable[str]) -> dict[str, Fact]:
        """Those of the facts that are known. Raises `StoreError`."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT key, generation, bytes, fact FROM facts"
                " WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps(list(keys)),),
            ).fetchall()
        return {row["key"]: Fact(row["generation"], row["bytes"], row["fact"]) for row in rows}

    def keep(self, facts: dict[str, Fact]) -> None:
        """Remember these, in place of older ones. Raises `StoreError`."""
        with self._database.write() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO facts (key, generation, bytes, fact) VALUES (?, ?, ?, ?)",
                [(key, *fact) for key, fact in facts.items()],
            )

    def drop(self, keys: Iterable[str]) -> None:
        """Forget these. Raises `StoreError`."""
        with self._database.write() as connection:
            connection.executemany("DELETE FROM facts WHERE key = ?", [(key,) for key in keys])

    def beginning(self, beginnings: Iterable[str]) -> dict[str, Fact]:
        """The facts whose keys begin with one of these. Raises `StoreError`."""
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT f.key, f.generation, f.bytes, f.fact FROM json_each(?) AS wanted"
                " CROSS JOIN facts AS f ON f.key >= wanted.value AND f.key < wanted.value || ?",
                (json.dumps(list(beginnings)), _LAST),
            ).fetchall()
        return {row["key"]: Fact(row["generation"], row["bytes"], row["fact"]) for row in rows}
