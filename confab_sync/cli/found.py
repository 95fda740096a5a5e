"""What a search found, wherever it was found, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.cli.choosing import title

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from confab_sync.backends.http.searching import SessionThere
    from confab_sync.store.index import Found
    from confab_sync.store.search import Hit


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A text in a file: its line (1-based), who said it, when (RFC 3339), what."""

    file: str
    line: int
    role: str
    moment: str | None
    text: str


@dataclass(frozen=True, slots=True)
class FoundSession:
    """A session with its best passages; `count` is how many there are at least."""

    place: str
    external_id: str
    session_id: str
    project: str
    title: str
    last: datetime
    count: int
    passages: tuple[FoundPassage, ...]


def passage_of(found: Found, text: str) -> FoundPassage:
    """What an index found, told with `text`."""
    said = found.passage
    return FoundPassage(found.file, said.line, said.role, said.moment, text)


def from_store(place: str, hits: Iterable[Hit]) -> list[FoundSession]:
    """What was found in the embedded store."""
    return [
        FoundSession(
            place,
            hit.session.external_id,
            hit.session.session_id,
            hit.session.cwd or "",
            title(hit.session),
            hit.session.last_message_at or hit.session.last_sync_at,
            hit.count,
            tuple(passage_of(each, each.passage.text) for each in hit.passages),
        )
        for hit in hits
    ]


def from_server(place: str, sessions: Iterable[SessionThere]) -> list[FoundSession]:
    """What a server found."""
    return [
        FoundSession(
            place,
            session.external_id,
            session.session_id,
            session.project,
            session.title,
            session.last,
            session.count,
            tuple(
                FoundPassage(each.file, each.line, each.role, each.moment or None, each.text)
                for each in session.passages
            ),
        )
        for session in sessions
    ]
