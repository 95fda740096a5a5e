"""What sessions used, as far as it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.claude.layout import TRANSCRIPT
from confab_sync.claude.usage import Usage
from confab_sync.server.counting import PREFIX, parts_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from contextlib import AbstractContextManager

    from confab_sync.store.index import SearchIndex


class Used:
    """The counts that lie beside the search index; `index` lends an open one to a thread."""

    def __init__(self, index: Callable[[], AbstractContextManager[SearchIndex]]) -> None:
        self._index = index

    def contexts(self, sessions: Iterable[str]) -> dict[str, Usage]:
        """What the transcripts of these sessions add up to. Raises `StoreError`."""
        wanted = [f"{PREFIX}{each}/{TRANSCRIPT}/" for each in sessions]
        with self._index() as index:
            facts = index.facts.beginning(wanted)
        return {parts_of(key)[0]: Usage.from_json(fact.text) for key, fact in facts.items()}

    def of_sessions(self, sessions: Collection[str]) -> dict[str, list[Usage]]:
        """The counts of all files of these sessions, subagents' included. Raises `StoreError`."""
        with self._index() as index:
            facts = index.facts.beginning([PREFIX])
        found: dict[str, list[Usage]] = {}
        for key, fact in facts.items():
            session = parts_of(key)[0]
            if session in sessions:
                found.setdefault(session, []).append(Usage.from_json(fact.text))
        return found
