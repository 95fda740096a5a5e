"""Finding one's own session at a server by the assistant's id of it (contract §2.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync import wire
from confab_sync.backends.http.answers import is_session_id
from confab_sync.backends.http.failures import answered, failure
from confab_sync.errors import SessionGone

if TYPE_CHECKING:
    from confab_sync.backends.http.client import Client


def session_there(client: Client, external_id: str) -> str | None:
    """The session's id there; None when the server has none. Raises `BackendError`.

    Nothing is created. A server that has it from several assistants names any of them.
    """
    route = f"{wire.SESSIONS}/by-external-id/{quote(external_id, safe='')}"
    answer = answered(lambda: client.get(route))
    if not answer.succeeded:
        error = failure(answer)
        if isinstance(error, SessionGone):
            return None
        raise error
    found = answer.object().get("session_id")
    if not is_session_id(found):
        raise answer.nonsense("it names no session")
    return found
