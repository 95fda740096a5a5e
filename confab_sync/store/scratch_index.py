"""A search index in memory, for texts that are searched once and kept nowhere."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from confab_sync.store import words
from confab_sync.store.index import Found
from confab_sync.store.index_schema import WORDS
from confab_sync.store.indexed import Passage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.store.words import Question


class ScratchIndex:
    """Finds what the index beside the store would find, in what was added to this one."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        self._connection.execute(WORDS)
        self._passages: list[tuple[str, str, Passage]] = []

    def add(
        self,
        session: str,
        file: str,
        passages: Iterable[tuple[int, str, str | None, str]],
    ) -> None:
        """Take in passages of a file of a session."""
        for each in passages:
            passage = Passage(*each)
            self._passages.append((session, file, passage))
            self._connection.execute(
                "INSERT INTO words (rowid, text) VALUES (?, ?)",
                (len(self._passages), words.indexed(passage.text)),
            )

    def search(self, question: Question, limit: int) -> list[Found]:
        """The best passages, the best one first."""
        rows = self._connection.execute(
            "SELECT rowid, rank FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?",
            (question.expression, limit),
        )
        found = []
        for number, rank in rows:
            session, file, passage = self._passages[number - 1]
            found.append(Found(session, file, passage, rank))
        return found

    def close(self) -> None:
        """Let go of the memory."""
        self._connection.close()
