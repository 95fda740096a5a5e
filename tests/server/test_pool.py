"""Parallel writers exclude each other, and a store in trouble is 503, not 500."""

from __future__ import annotations

import fcntl
import json
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx

from confab_sync.errors import StoreDamaged
from confab_sync.store.store import Store

from .serving import MovableClock, serving

if TYPE_CHECKING:
    from pathlib import Path

INIT = {"external_id": "e", "transcript_path": "/t"}


def chunk(session_id: str, text: str, line: int = 1) -> dict[str, object]:
    return {
        "session_id": session_id,
        "file_name": "s.jsonl",
        "file_type": "transcript",
        "first_line": line,
        "lines": [text],
    }


def opened(http: httpx.Client) -> str:
    return str(http.post("/api/v1/sync/init", json=INIT).json()["session_id"])


def test_of_eight_chunks_for_one_line_exactly_one_is_stored(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.client(server.key()) as http:
        session_id = opened(http)
        with ThreadPoolExecutor(8) as threads:
            for line in range(1, 6):
                bodies = [chunk(session_id, f"{line} {n}", line) for n in range(8)]
                send = lambda body: http.post("/api/v1/sync/chunk", json=body)  # noqa: E731
                answers = list(threads.map(send, bodies))
                statuses = [answer.status_code for answer in answers]
                assert sorted(statuses) == [200] + [400] * 7
                winner = bodies[statuses.index(200)]
                with server.store() as store:
                    content = b"".join(store.read_file(session_id, "s.jsonl")).decode()
                assert content.split("\n")[-2] == winner["lines"][0]  # type: ignore[index]


def test_locked_store_is_unavailable_for_now(tmp_path: Path) -> None:
    with serving(tmp_path, store_timeout=0.05) as server, server.client(server.key()) as http:
        session_id = opened(http)
        with open(server.path + ".lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            answer = http.post("/api/v1/sync/chunk", json=chunk(session_id, "a"))
        assert answer.status_code == 503
        assert answer.json() == {"error": "Storage temporarily unavailable"}
        assert int(answer.headers["Retry-After"]) > 0
        assert http.post("/api/v1/sync/chunk", json=chunk(session_id, "a")).status_code == 200


def test_full_disk_is_unavailable_for_now_and_leaves_no_half_chunk(tmp_path: Path) -> None:
    def open_small() -> Store:
        store = Store.open(str(tmp_path / "store.db"), clock=clock)
        with store._database.read() as connection:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages + 20}")
        return store

    clock = MovableClock()
    with serving(tmp_path, open_store=open_small) as server, server.client(server.key()) as http:
        session_id = opened(http)
        big = random.Random(1).randbytes(400_000).hex()
        answer = http.post("/api/v1/sync/chunk", json=chunk(session_id, big))
        assert answer.status_code == 503
        assert http.get(f"/api/v1/sessions/{session_id}/files").json() == {"files": []}
        assert http.post("/api/v1/sync/chunk", json=chunk(session_id, "a")).status_code == 200


def test_damaged_store_is_a_failure_that_names_no_secrets(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.client(server.key()) as http:
        session_id = opened(http)
        connection = sqlite3.connect(server.path)
        with connection:
            connection.execute("DROP TABLE chunks")
        connection.close()
        answer = http.post("/api/v1/sync/chunk", json=chunk(session_id, "a"))
        assert (answer.status_code, answer.json()) == (500, {"error": "Failed to upload chunk"})


def test_store_that_cannot_be_opened_fails_every_request_alike(tmp_path: Path) -> None:
    def broken() -> Store:
        raise StoreDamaged("secret path")

    with serving(tmp_path, open_store=broken) as server, server.client(server.key()) as http:
        answer = http.post("/api/v1/sync/init", json=INIT)
        assert answer.status_code == 500
        assert "secret" not in json.dumps(answer.json())
        assert http.get("/health").status_code == 500
        assert http.get("/api/v1/capabilities").status_code == 200
