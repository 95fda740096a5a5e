"""Deleting a session at the server (contract §2.10)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync import wire
from confab_sync.backends.http import answers
from confab_sync.backends.http.failures import answered, failure, no_key
from confab_sync.errors import BackendForbidden, SessionGone

if TYPE_CHECKING:
    from confab_sync.backends.http.client import Client


def delete_session(client: Client, session_id: str) -> bool:
    """Delete the session with everything that belongs to it; False when it was gone already.

    Raises `BackendForbidden` where the server lets no key do that (confab-web: only its own
    pages), and other `BackendError`s for what may go better another time.
    """
    url = client.address.url
    if not client.has_key:
        raise no_key(client)
    able = answered(lambda: client.get(wire.CAPABILITIES))
    if not able.succeeded and able.status != 404:
        raise failure(able)
    if not able.succeeded or wire.DELETE_WITH_KEY not in answers.capabilities(able):
        raise BackendForbidden(f"{url} lets nobody delete a session by a key, only on its own page")
    route = f"{wire.SESSIONS}/{quote(session_id, safe='')}"
    answer = answered(lambda: client.delete(route))
    if answer.succeeded:
        if answer.object().get("success") is not True:
            raise answer.nonsense("it does not say that the session is deleted")
        return True
    error = failure(answer)
    if isinstance(error, SessionGone):
        return False
    raise error
