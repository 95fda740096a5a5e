"""Bodies are unpacked up to their limit and never beyond (contract §1.4)."""

from __future__ import annotations

import os
import socket
import tracemalloc
from typing import TYPE_CHECKING

import httpx
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.errors import RequestRefused
from confab_sync.server.bodies import Bodies, decompressed, longest_compressed

from .serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIMIT = 1000
MIB = 1024 * 1024


@given(st.lists(st.binary(max_size=300), max_size=5), st.booleans())
def test_frames_are_joined_up_to_the_limit(parts: list[bytes], sized: bool) -> None:
    compressor = zstandard.ZstdCompressor(write_content_size=sized)
    packed = b"".join(compressor.compress(part) for part in parts)
    raw = b"".join(parts)
    if len(raw) <= LIMIT:
        assert decompressed(packed, LIMIT, "no") == raw
    else:
        with pytest.raises(RequestRefused, match="400"):
            decompressed(packed, LIMIT, "no")


@given(st.binary(min_size=1, max_size=400), st.data())
def test_every_truncation_is_refused(raw: bytes, data: st.DataObject) -> None:
    packed = zstandard.compress(raw)
    end = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(RequestRefused):
        decompressed(packed[:end], LIMIT, "no")


def test_bomb_is_given_up_early() -> None:
    bomb = zstandard.compress(bytes(2048 * MIB // 8), 19) * 8
    assert len(bomb) < MIB
    tracemalloc.start()
    with pytest.raises(RequestRefused):
        decompressed(bomb, 16 * MIB, "no")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 128 * MIB


def test_no_body_is_longer_compressed_than_is_read() -> None:
    for size in (0, 1, LIMIT, MIB):
        assert len(zstandard.compress(os.urandom(size))) <= longest_compressed(size)


def test_body_that_does_not_end_is_given_up(tmp_path: Path) -> None:
    with serving(tmp_path, bodies=Bodies(deadline=0.2)) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            head = (
                "POST /api/v1/sync/init HTTP/1.1\r\nHost: localhost\r\n"
                "Content-Type: application/json\r\nContent-Length: 100\r\n"
                f"Authorization: Bearer {server.key()}\r\n\r\n{{"
            )
            connection.sendall(head.encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_bodies_that_take_too_much_memory_have_to_wait(tmp_path: Path) -> None:
    budget = Bodies(budget=1000)
    with serving(tmp_path, bodies=budget) as server, server.client(server.key()) as http:
        headers = {"Content-Type": "application/json"}
        answer = http.post("/api/v1/sync/init", content=b"x" * 1001, headers=headers)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        answer = http.post("/api/v1/sync/init", content=b"x" * 1000, headers=headers)
        assert answer.status_code == 400  # what was held before was given back


def test_endless_body_is_cut_off(tmp_path: Path) -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 65536

    with serving(tmp_path) as server, server.client(server.key()) as http:
        headers = {"Content-Type": "application/json"}
        try:
            answer = http.post("/api/v1/sync/init", content=endless(), headers=headers)
        except httpx.TransportError:
            return  # the connection is closed while the client still writes
        assert answer.status_code == 400
