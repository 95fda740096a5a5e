"""A session is deleted at a server that lets a key do that, and at no other."""

from __future__ import annotations

from contextlib import closing

import pytest

from confab_sync import wire
from confab_sync.backends.http.address import Address
from confab_sync.backends.http.client import Client
from confab_sync.backends.http.deletion import delete_session
from confab_sync.backends.http.transport import DeadlineTransport
from confab_sync.errors import BackendForbidden, BackendUnauthorized, BackendUnavailable
from tests.backends.http.api import KEY, Api, json_reply
from tests.backends.http.socket_server import Server, serving


def delete(server: Server, session_id: str = "s-1", key: str = KEY) -> bool:
    where = Address(server.url, None)
    with closing(Client(where, key, lambda: DeadlineTransport(where, {}))) as client:
        return delete_session(client, session_id)


def test_deleted_session_is_asked_for_by_its_quoted_id() -> None:
    with serving(Api(**{wire.DELETE_WITH_KEY: True})) as server:
        server.api.always(json_reply(200, {"success": True}), "/sessions/a%2F..%2Fb")
        assert delete(server, "a/../b")
    assert [asked.method for asked in server.api.asked] == ["GET", "DELETE"]


def test_server_that_does_not_say_it_can_is_not_asked_to() -> None:
    with serving(Api(workflow_files=True)) as server, pytest.raises(BackendForbidden):
        delete(server)
    assert [asked.method for asked in server.api.asked] == ["GET"]


def test_without_a_key_nothing_is_sent() -> None:
    with serving(Api()) as server, pytest.raises(BackendUnauthorized):
        delete(server, key="")
    assert server.api.asked == []


def test_server_that_is_not_there_may_be_later() -> None:
    with serving(Api()) as server:
        gone = server
    with pytest.raises(BackendUnavailable):
        delete(gone)
