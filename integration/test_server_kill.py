"""A server that is killed in the middle of uploads has lost nothing that it acknowledged."""

import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import pytest

from integration.home import Home
from integration.server import Server
from integration.waiting import until

UPLOADERS = 10
LINES = 120
KILLS = 4


@pytest.fixture
def server(home: Home) -> Iterator[Server]:
    """A running server, stopped afterwards."""
    started = Server(home)
    started.start()
    yield started
    started.stop()


@dataclass
class Uploader:
    """Sends a file line by line and some lines at once, and believes only what is acknowledged."""

    number: int
    url: str
    key: str
    acknowledged: int = 0
    session_id: str = ""
    resumed: list[int] = field(default_factory=list)

    @property
    def external_id(self) -> str:
        """The session's name."""
        return f"session-{self.number}"

    def line(self, number: int) -> str:
        """The content of a line, different for each uploader."""
        return f"{self.number}:{number}:" + "x" * (number * 37 % 5000)

    def run(self) -> None:
        """Send all lines, through every interruption."""
        headers = {"Authorization": f"Bearer {self.key}"}
        with httpx.Client(base_url=self.url, headers=headers, trust_env=False) as http:
            while self.acknowledged < LINES:
                try:
                    self._resume(http)
                    while self.acknowledged < LINES:
                        self._send(http)
                except httpx.TransportError:
                    until(lambda: self._is_back(http), "the server is back")

    def _resume(self, http: httpx.Client) -> None:
        body = {"external_id": self.external_id, "transcript_path": "/t"}
        said = http.post("/api/v1/sync/init", json=body).raise_for_status().json()
        self.session_id = said["session_id"]
        stored = said["files"].get("f.jsonl", {"last_synced_line": 0})["last_synced_line"]
        assert stored >= self.acknowledged, "acknowledged lines are missing"
        self.acknowledged = stored
        self.resumed.append(stored)

    def _send(self, http: httpx.Client) -> None:
        first = self.acknowledged + 1
        last = min(first + self.number % 3, LINES)
        body = {
            "session_id": self.session_id,
            "file_name": "f.jsonl",
            "file_type": "transcript",
            "first_line": first,
            "lines": [self.line(number) for number in range(first, last + 1)],
            "metadata": {"summary": f"up to {last}"},
        }
        answer = http.post("/api/v1/sync/chunk", json=body)
        if answer.status_code == 429:  # all of them have one address
            return
        assert answer.json() == {"last_synced_line": last}, answer.text
        self.acknowledged = last

    def _is_back(self, http: httpx.Client) -> bool:
        try:
            return http.get("/health").status_code == 200
        except httpx.TransportError:
            return False


def test_nothing_acknowledged_is_missing_after_kill_9(server: Server, home: Home) -> None:
    key = server.key("uploads")
    uploaders = [Uploader(number, server.url, key) for number in range(UPLOADERS)]
    total = UPLOADERS * LINES

    def sent() -> int:
        return sum(uploader.acknowledged for uploader in uploaders)

    def has_sent(number: int) -> bool:
        return sent() >= number

    with ThreadPoolExecutor(UPLOADERS) as threads:
        running = [threads.submit(uploader.run) for uploader in uploaders]
        for kill in range(1, KILLS + 1):
            goal = total * kill // (KILLS + 2)
            until(lambda goal=goal: has_sent(goal), f"{goal} lines are acknowledged", pause=0.002)  # type: ignore[misc]
            server.kill()
            server.start()
        for future in running:
            future.result()
    assert any(len(uploader.resumed) > 1 for uploader in uploaders)
    for uploader in uploaders:
        expected = "".join(uploader.line(number) + "\n" for number in range(1, LINES + 1))
        answer = httpx.get(
            f"{server.url}/api/v1/sessions/{uploader.session_id}/files/download",
            params={"file_name": "f.jsonl"},
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        )
        assert answer.text == expected
    checked = home.confab("store", "check").stdout
    assert re.search(rf"is sound: {UPLOADERS} sessions, {UPLOADERS} files", checked)


def test_second_server_says_who_is_there_and_the_first_goes_on(server: Server) -> None:
    assert server.process is not None
    second = server.popen()
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 7
    assert f"(process {server.process.pid}) serves this store already at {server.url}" in said
    assert httpx.get(server.url + "/health", trust_env=False).json() == {"status": "ok"}


def test_stop_takes_seconds_with_requests_under_way(server: Server) -> None:
    key = server.key("stuck")
    begun, over = threading.Event(), threading.Event()

    def never_ending() -> Iterator[bytes]:
        yield b"{"
        begun.set()
        over.wait(60)

    def upload() -> None:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        with httpx.Client(trust_env=False) as http:
            try:
                http.post(server.url + "/api/v1/sync/init", content=never_ending(), headers=headers)
            except httpx.TransportError:
                pass

    stuck = threading.Thread(target=upload)
    stuck.start()
    assert begun.wait(60)
    try:
        assert server.stop() == 0
    finally:
        over.set()
        stuck.join()
    server.start()
