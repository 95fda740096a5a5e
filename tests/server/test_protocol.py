"""A connection without a request is given up, however it is kept busy."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import httpx

from confab_sync.server.protocol import PatientProtocol

from .serving import serving

if TYPE_CHECKING:
    from pathlib import Path


class Impatient(PatientProtocol):
    patience = 0.3


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_silent_and_dribbling_connections_are_closed(tmp_path: Path) -> None:
    with serving(tmp_path, protocol=Impatient) as server:
        host, port = server.url.removeprefix("http://").split(":")
        for sent in (b"", b"GET /health HTTP/1.1\r\nHost: loc"):
            with socket.create_connection((host, int(port)), timeout=30) as connection:
                connection.sendall(sent)
                assert is_closed(connection)


def test_connection_in_use_is_kept_and_closed_when_it_rests(tmp_path: Path) -> None:
    with serving(tmp_path, protocol=Impatient) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            for _ in range(3):
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                answer = b""
                while not answer.endswith(b'{"status":"ok"}\n'):
                    answer += connection.recv(4096)
            assert is_closed(connection)
        with httpx.Client(trust_env=False) as http:
            assert http.get(server.url + "/health").status_code == 200
