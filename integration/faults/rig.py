"""One scenario's session, between a real daemon and a real server, with faults in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from integration.faults.faultlog import FaultLog
from integration.faults.proxy import Proxy
from integration.faults.server import Front
from integration.home import Home
from integration.server import Server
from integration.session import Session, hashes, process_exists
from integration.waiting import until

HURRIED = {"CONFAB_SYNC_INTERVAL_MS": "500", "CONFAB_SYNC_JITTER_MS": "0"}
"""A daemon's environment in which it looks twice a second."""


@dataclass(slots=True)
class Rig:
    """What a scenario works with. `session` is configured to speak to `front` or to `proxy`."""

    home: Home
    server: Server
    key: str
    log: FaultLog
    front: Front
    proxy: Proxy
    session: Session
    lines: int = 0
    """Lines that were written."""

    @property
    def config(self) -> Path:
        """The session's own config.json."""
        return Path(self.session.environ["CONFAB_CONFIG_PATH"])

    @property
    def state(self) -> dict[str, Any]:
        """What the daemon says of itself; nothing when it has gone."""
        return self.session.state or {}

    @property
    def error(self) -> str:
        """What the daemon says went wrong last."""
        return str(self.state.get("last_error", ""))

    def configure(self, url: str, key: str | None = None, **settings: object) -> None:
        """Let the session's daemon speak to the server at `url`."""
        changed = {"backend_url": url, "api_key": key or self.key, **settings}
        fresh = self.config.with_suffix(".new")
        fresh.write_text(json.dumps(changed))
        fresh.rename(self.config)

    def begin(self, url: str) -> None:
        """Start the session with a backend at `url`, and wait until its first lines are there."""
        self.configure(url)
        self.session.start()
        self.write(3)
        self.until_copied()

    def write(self, lines: int = 1, *, size: int = 0) -> None:
        """Append whole lines to the transcript, each of at least `size` bytes."""
        rows = [
            json.dumps({"type": "user", "n": self.lines + n, "text": "x" * size})
            for n in range(lines)
        ]
        self.session.write("".join(row + "\n" for row in rows).encode())
        self.lines += lines

    def until_copied(self) -> None:
        """Wait until the daemon says that every line is acknowledged."""

        def copied() -> bool:
            state = self.state
            return state.get("connection") == "online" and state.get("lines") == self.lines

        until(copied, f"{self.lines} lines are copied")

    def until_error(self, words: str) -> None:
        """Wait until the daemon says that something of this kind went wrong."""
        until(lambda: words in self.error, f"the daemon says {words!r}")

    def until_fired(self, times: int) -> None:
        """Wait until the last fault has fired so many times."""
        armed = self.log.faults[-1]
        until(lambda: armed.fired >= times, f"{armed.kind} has fired {times} times")

    def has_note(self, words: str) -> bool:
        """Whether the daemon says this of one of its files."""
        return any(words in file.get("note", "") for file in self.state.get("files", []))

    def until_refused_again(self) -> None:
        """Wait until the last fault has fired once more, or a file has been set right."""
        armed = self.log.faults[-1]
        fired = armed.fired
        until(
            lambda: armed.fired > fired or self.has_note("placeholder"), "the line is tried again"
        )

    def stop(self, *, seconds: float | None = None) -> None:
        """End the daemon by a signal, and wait until it has gone."""
        pid = self.session.daemon_pid
        os.kill(pid, signal.SIGTERM)
        until(lambda: not process_exists(pid), "the daemon has ended", seconds=seconds)

    def finish(self) -> None:
        """End the session; every line must have been copied once and in order."""
        self.until_copied()
        self.stop()
        self.assert_copied()

    def assert_copied(self) -> None:
        """The copy at the server is what lies on disk."""
        self.front.disarm()
        self.proxy.disarm()
        assert self.download() == self.session.local()

    def download(self) -> dict[str, str]:
        """The hash of each file of the copy, as `confab session download` gets it."""
        target = self.home.path / "downloads" / os.urandom(8).hex()
        done = self.run("session", "download", self.session.id, "--output-dir", str(target))
        assert done.returncode == 0, done.stdout + done.stderr
        return hashes(target)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `confab` as the session's user."""
        return subprocess.run(
            [str(self.home.executable), *arguments],
            env={**self.home.environ, **self.session.environ},
            cwd=self.home.project,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


@contextmanager
def rig(home: Home, server: Server, key: str, whole: FaultLog) -> Iterator[Rig]:
    """A rig whose faults must all have fired in the end, and which leaves nothing behind."""
    log = FaultLog()
    session = Session(home, dict(HURRIED))
    session.environ["CONFAB_CONFIG_PATH"] = str(home.path / "configs" / f"{session.id}.json")
    Path(session.environ["CONFAB_CONFIG_PATH"]).parent.mkdir(exist_ok=True)
    front, proxy = Front(server.url, log), Proxy(server.port, log)
    try:
        yield Rig(home, server, key, log, front, proxy, session)
        log.assert_all_fired()
    finally:
        whole.add(log)
        session.kill_client()
        front.close()
        proxy.close()
