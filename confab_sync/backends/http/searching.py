"""Searching the full text at a server that says it can: an extension of `confab serve`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from confab_sync import wire
from confab_sync.backends.http import answers
from confab_sync.backends.http.answers import is_count
from confab_sync.backends.http.failures import answered, failure, no_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confab_sync.backends.http.answers import Answer
    from confab_sync.backends.http.client import Client

    Parameters = list[tuple[str, str | int]]

LONGEST_TEXT = 4000
"""Characters of any text that are taken from a server."""


@dataclass(frozen=True, slots=True)
class PassageThere:
    """A text in a file: its line (1-based), who said it, when (RFC 3339, or empty)."""

    file: str
    line: int
    role: str
    moment: str
    text: str


@dataclass(frozen=True, slots=True)
class SessionThere:
    """A session in which something was said; what is not told is empty."""

    external_id: str
    session_id: str
    project: str
    title: str
    last: datetime
    count: int
    passages: tuple[PassageThere, ...]


@dataclass(frozen=True, slots=True)
class SearchedThere:
    """What a server found, the best first, and whether it has looked at all it has."""

    sessions: tuple[SessionThere, ...]
    is_up_to_date: bool


def search(
    client: Client,
    query: str,
    *,
    projects: Sequence[str] = (),
    since: datetime | None = None,
    limit: int,
) -> SearchedThere | None:
    """The sessions of the key's user in which `query` was said, `limit` at most.

    None when the server does not search. Raises `BackendError`.
    """
    if not client.has_key:
        raise no_key(client)
    if not _can_search(client):
        return None
    parameters: Parameters = [("q", query), *(("project", each) for each in projects)]
    if since is not None:
        moment = since.astimezone(UTC).isoformat().replace("+00:00", "Z")
        parameters.append(("since", moment))
    found: list[SessionThere] = []
    while True:
        size = min(limit - len(found), wire.MAX_SEARCH_LIMIT)
        page: Parameters = [("limit", size), ("offset", len(found))]
        answer = answered(partial(client.get, wire.SEARCH_ROUTE, [*parameters, *page]))
        if not answer.succeeded:
            raise failure(answer)
        said = answer.object()
        listed = said.get("sessions")
        if not isinstance(listed, list):
            raise answer.nonsense("it lists no sessions")
        found += [_session(answer, each) for each in listed[:size]]
        if len(listed) < size or len(found) >= limit:
            return SearchedThere(tuple(found), said.get("is_up_to_date") is not False)


def _can_search(client: Client) -> bool:
    answer = answered(lambda: client.get(wire.CAPABILITIES))
    # As for files: an API from before there were any says so in plain words.
    if answer.status == 404 and answer.media_type != "text/html":
        return False
    if not answer.succeeded:
        raise failure(answer)
    return wire.SEARCH in answers.capabilities(answer)


def _session(answer: Answer, entry: object) -> SessionThere:
    if not isinstance(entry, dict) or not isinstance(entry.get("passages"), list):
        raise answer.nonsense("it lists what is no session")
    count = entry.get("matches")
    return SessionThere(
        external_id=_text(entry, "external_id"),
        session_id=_text(entry, "id"),
        project=_text(entry, "cwd"),
        title=_text(entry, "title"),
        last=_moment(_text(entry, "last_message_at")),
        count=count if is_count(count) else 0,
        passages=tuple(_passages(entry["passages"])),
    )


def _passages(listed: list[object]) -> Iterator[PassageThere]:
    for each in listed:
        if isinstance(each, dict):
            line = each.get("line")
            yield PassageThere(
                _text(each, "file_name"),
                line if is_count(line) else 0,
                _text(each, "role"),
                _text(each, "timestamp"),
                _text(each, "text"),
            )


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _text(entry: dict[str, Any], key: str) -> str:
    value = entry.get(key)
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""
