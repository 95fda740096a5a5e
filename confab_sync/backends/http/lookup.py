"""Finding one's own sessions at a server by their ids (contract §2.9)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync import wire
from confab_sync.backends.http import answers
from confab_sync.backends.http.answers import is_session_id
from confab_sync.backends.http.failures import answered, failure
from confab_sync.errors import SessionGone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.backends.http.answers import Answer
    from confab_sync.backends.http.client import Client

PAGES = 4
"""Pages of a list that are looked through: who finds more has to say more of the id."""

LONGEST_PREFIX = 100

_PUBLIC_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def session_there(client: Client, external_id: str) -> str | None:
    """The session's id there; None when the server has none. Raises `BackendError`.

    Nothing is created. A server that has it from several assistants names any of them.
    """
    route = f"{wire.SESSIONS}/by-external-id/{quote(external_id, safe='')}"
    answer = _found(client, route)
    if answer is None:
        return None
    found = answer.object().get("session_id")
    if not is_session_id(found):
        raise answer.nonsense("it names no session")
    return found


def sessions_beginning(client: Client, prefix: str) -> list[tuple[str, str]]:
    """The sessions whose id of either kind begins like this: the assistant's id, and that there.

    A server that lists nothing to a key knows whole ids only. Raises `BackendError`.
    """
    prefix = prefix.lower()
    if not prefix or len(prefix) > LONGEST_PREFIX:
        return []
    there = session_there(client, prefix)
    if there is not None:
        return [(prefix, there)]
    if _PUBLIC_ID.fullmatch(prefix):
        answer = _found(client, f"{wire.SESSIONS}/{prefix}")
        if answer is not None:
            return [_ids(answer, answer.object())]
    return [ids for ids in _listed(client, prefix) if ids[0].lower().startswith(prefix)]


def _listed(client: Client, text: str) -> Iterator[tuple[str, str]]:
    """The sessions in whose ids or titles the text is."""
    answer = answered(lambda: client.get(wire.CAPABILITIES))
    if not answer.succeeded or wire.LIST_WITH_KEY not in answers.capabilities(answer):
        return
    cursor = ""
    for _ in range(PAGES):
        parameters = {"q": text, **({"cursor": cursor} if cursor else {})}
        answer = answered(partial(client.get, wire.SESSIONS, parameters))
        if not answer.succeeded:
            raise failure(answer)
        said = answer.object()
        listed = said.get("sessions")
        if not isinstance(listed, list):
            raise answer.nonsense("it lists no sessions")
        for each in listed:
            yield _ids(answer, each)
        following = said.get("next_cursor")
        if not isinstance(following, str) or not following:
            return
        cursor = following


def _ids(answer: Answer, entry: object) -> tuple[str, str]:
    if isinstance(entry, dict):
        external_id, there = entry.get("external_id"), entry.get("id")
        if isinstance(external_id, str) and external_id and is_session_id(there):
            return external_id, there
    raise answer.nonsense("it lists what is no session")


def _found(client: Client, route: str) -> Answer | None:
    answer = answered(lambda: client.get(route))
    if answer.succeeded:
        return answer
    error = failure(answer)
    if isinstance(error, SessionGone):
        return None
    raise error
