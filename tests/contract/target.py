"""The server that the suite is pointed at: one of our own, or any other by URL and key.

`CONFAB_TEST_SERVER_URL` and `CONFAB_TEST_SERVER_KEY` name another server, and
`CONFAB_TEST_SERVER_OTHER_KEY` the key of a second user there. What cannot be brought about
from outside (an expired code, a disabled user) is tried on our own server only.
"""

from __future__ import annotations

import json
import os
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.server.serving import Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Read when the tests are collected: while they run, nothing of confab is in the environment.
URL = os.environ.get("CONFAB_TEST_SERVER_URL", "").rstrip("/")
KEY = os.environ.get("CONFAB_TEST_SERVER_KEY", "")
OTHER_KEY = os.environ.get("CONFAB_TEST_SERVER_OTHER_KEY", "")

JSON = "application/json"


@dataclass
class Target:
    """A server, a key for it, and how its limits of time are outwaited."""

    url: str
    key: str
    own: Serving | None
    _other_key: str = ""
    _http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=60)

    def close(self) -> None:
        self._http.close()

    @property
    def other_key(self) -> str:
        """The key of another user."""
        if not self._other_key:
            pytest.skip("CONFAB_TEST_SERVER_OTHER_KEY is not set")
        return self._other_key

    @property
    def ours(self) -> Serving:
        """The server from inside."""
        if self.own is None:
            pytest.skip("needs more than URL and key")
        return self.own

    def now(self) -> datetime:
        return self.own.clock() if self.own else datetime.now(UTC)

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        key: str | None = "",
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        patient: bool = True,
    ) -> httpx.Response:
        """One request with a JSON body, or with `content` as it is; `key=None` shows none.

        A patient sender waits when it is told that it sends too often.
        """
        sent = {}
        if body is not None or content is not None:
            sent["Content-Type"] = JSON
        if key is not None:
            sent["Authorization"] = f"Bearer {key or self.key}"
        sent |= headers or {}
        data = content if body is None else json.dumps(body).encode()
        while True:
            answer = self._http.request(method, path, content=data, headers=sent)
            if answer.status_code != 429 or not patient:
                return answer
            self.wait(float(answer.headers.get("Retry-After", "1")))

    def wait(self, seconds: float) -> None:
        """Let time pass: at once where it is ours to move."""
        if self.own:
            self.own.clock.advance(seconds)
        else:
            time.sleep(seconds)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        return self.send("POST", path, body, **options)

    def init(self, external_id: str | None = None, **fields: Any) -> httpx.Response:
        """Open a session; of a new id if none is given."""
        key = fields.pop("key", "")
        body = {
            "external_id": external_id or new_id(),
            "transcript_path": "/h/.claude/projects/p/s.jsonl",
            **fields,
        }
        return self.post("/api/v1/sync/init", body, key=key)

    def session(self, external_id: str | None = None, **fields: Any) -> str:
        """The id of an open session."""
        answer = self.init(external_id, **fields)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["session_id"])

    def chunk(
        self, session_id: str, *lines: str, first_line: Any = 1, **fields: Any
    ) -> httpx.Response:
        """Send lines of the transcript, or of another file."""
        key = fields.pop("key", "")
        body = {
            "session_id": session_id,
            "file_name": "s.jsonl",
            "file_type": "transcript",
            "first_line": first_line,
            "lines": list(lines),
            **fields,
        }
        return self.post("/api/v1/sync/chunk", body, key=key)

    def event(self, session_id: str, **fields: Any) -> httpx.Response:
        body = {
            "session_id": session_id,
            "event_type": "session_end",
            "timestamp": "2026-02-03T09:00:00.5Z",
            **fields,
        }
        return self.post("/api/v1/sync/event", body)

    def text(self, session_id: str, name: str = "s.jsonl") -> str:
        """The content of a stored file."""
        answer = self.get(f"/api/v1/sessions/{session_id}/files/download?file_name={name}")
        assert answer.status_code == 200, answer.text
        return answer.text

    def positions(self, external_id: str) -> dict[str, int]:
        """How far each file of a session is stored."""
        files = self.init(external_id).json()["files"]
        return {name: file["last_synced_line"] for name, file in files.items()}

    def detail(self, session_id: str) -> dict[str, Any]:
        answer = self.get(f"/api/v1/sessions/{session_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def listed(self, session_id: str) -> dict[str, Any] | None:
        """The session's entry in the list, which takes a key on our own server only."""
        answer = self.get("/api/v1/sessions")
        if answer.status_code == 401 and self.own is None:
            pytest.skip("this server's list needs a cookie")
        found = [item for item in answer.json()["sessions"] if item["id"] == session_id]
        return found[0] if found else None


def new_id() -> str:
    """An external id that nobody has."""
    return str(uuid.uuid4())


def says(answer: httpx.Response, status: int, error: str) -> None:
    """The answer is the handlers' JSON with this message."""
    assert (answer.status_code, answer.json()) == (status, {"error": error})
    assert answer.headers["Content-Type"] == "application/json"


def reads(answer: httpx.Response, status: int, text: str) -> None:
    """The answer is plain text of one line."""
    assert (answer.status_code, answer.text.strip()) == (status, text)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


@contextmanager
def chosen_target(directory: Path) -> Iterator[Target]:
    """The server that the environment names, or a new one of our own."""
    if URL:
        target = Target(URL, KEY, None, OTHER_KEY)
        yield target
        target.close()
        return
    with serving(directory) as own:
        target = Target(own.url, own.key(), own, own.key("other@example.com"))
        yield target
        target.close()
