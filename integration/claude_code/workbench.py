"""One user with confab set up and Claude Code ready, and what must hold when a scenario ends."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from integration.claude_code import transcripts
from integration.claude_code.backends import Backend
from integration.claude_code.client import Installation, write_user_files
from integration.claude_code.interactive import InteractiveSession
from integration.claude_code.model import ModelServer
from integration.claude_code.namespace import LoopbackOnly
from integration.claude_code.recorder import Recorder
from integration.claude_code.terminal import TerminalServer
from integration.home import Home

Json = dict[str, Any]

_HOOK_FAILED = re.compile(
    r"hook (\[[^\]]*\] )?(failed|error|cancelled)|Hook cancelled", re.IGNORECASE
)
_OURS = ("suppressOutput", "confab")
_NOT_FOUND = 3
_SILENT = {"continue": True, "suppressOutput": True}


@dataclass(frozen=True, slots=True)
class PatientUser:
    """A user who opened a session at `since` (monotonic seconds) and has typed nothing yet."""

    workbench: "Workbench"
    session: InteractiveSession
    since: float
    daemon_pid: int


class Workbench:
    """The sessions of one scenario, and the checks for after them."""

    def __init__(
        self, installation: Installation, terminals: TerminalServer, backend: Backend
    ) -> None:
        self.client = installation
        self._backend = backend
        self._terminals = terminals
        self._sessions: list[InteractiveSession] = []
        self._complaints: list[str] = []

    @classmethod
    @contextmanager
    def prepared(
        cls, claude: Path, namespace: LoopbackOnly, home: Home, place: Path, backend: Backend
    ) -> "Iterator[Workbench]":
        """Give a user a model, terminals and hooks of the user's own; take them away at the end.

        `place` is the directory for what is not the user's: sockets and records.
        """
        home = replace(home, inside=tuple(namespace.inside()))
        recorder = Recorder(place / "recorder")
        write_user_files(home, recorder.hooks, home.project, home.other_project)
        with (
            closing(ModelServer(namespace, place / "requests.jsonl")) as model,
            closing(TerminalServer(namespace, place / "tmux")) as terminals,
        ):
            yield cls(Installation(claude, home, namespace, model, recorder), terminals, backend)

    @property
    def home(self) -> Home:
        """The user's home."""
        return self.client.home

    def set_up(self) -> None:
        """Set confab up, as a user of this backend does."""
        self.home.confab("setup", "--no-import")
        self._backend.configure(self.home)

    def headless(self, prompt: str, *options: str) -> str:
        """Run one headless session to its end and return its id."""
        before = len(self.client.recorder.calls("SessionStart"))
        self._complaints.append(self.client.headless(prompt, *options).stderr)
        (start,) = self.client.recorder.calls("SessionStart")[before:]
        return start.session_id

    def interactive(self, *options: str) -> InteractiveSession:
        """Start a client in a terminal of its own."""
        session = InteractiveSession(self.client, self._terminals, options)
        self._sessions.append(session)
        return session

    def files(self, session_id: str) -> dict[str, bytes]:
        """Return the files of a session as they are on disk."""
        return transcripts.session_files(self.home.claude, session_id)

    def assert_all_is_well(self, *session_ids: str) -> None:
        """Check what every scenario promises: these sessions, and no others, are archived whole."""
        self.home.until_no_process_is_left()
        assert transcripts.session_ids(self.home.claude) == set(session_ids)
        for session_id in session_ids:
            self.assert_archived(session_id)
        self.assert_kept_nowhere_else()
        self.assert_no_hook_failed()
        self.assert_model_saw_nothing_of_ours()

    def assert_kept_nowhere_else(self) -> None:
        """Check that a user of a server has no store as well."""
        if self._backend.home_of_store(self.home) != self.home:
            assert list(self.home.path.rglob("store.db")) == []

    def assert_archived(self, session_id: str) -> None:
        """Check that every byte of every file of a session can be had from the store."""
        assert_same_files(self.download(session_id), self.files(session_id))

    def assert_not_archived(self, session_id: str) -> None:
        """Check that the store has never heard of a session."""
        store = self._backend.home_of_store(self.home)
        assert store.confab("session", "download", session_id, check=False).returncode == _NOT_FOUND

    def download(self, session_id: str) -> dict[str, bytes]:
        """Return the files of a session as the store has them."""
        place = self.home.path / f"download-{session_id}"
        store = self._backend.home_of_store(self.home)
        store.confab("session", "download", session_id, "--output-dir", str(place))
        return {
            str(path.relative_to(place)): path.read_bytes()
            for path in place.rglob("*")
            if path.is_file()
        }

    def assert_no_hook_failed(self) -> None:
        """Check what was shown, and what Claude Code noted about hooks in the transcripts."""
        assert not any(self._complaints), self._complaints
        for session in self._sessions:
            assert not _HOOK_FAILED.search(session.shown()), session.shown()
        for row in self._hook_rows():
            assert row["type"] == "hook_success", row
            if "confab" in row["command"]:
                assert json.loads(row["stdout"]) == _SILENT, row
                assert row["stderr"] == "", row
                assert row["exitCode"] == 0, row

    def assert_model_saw_nothing_of_ours(self) -> None:
        """Check every request that the model was sent."""
        requests = self.client.model.requests()
        for request in requests:
            context = json.dumps([request.get("system"), request["messages"]])
            for mark in _OURS:
                assert mark not in context, f"'{mark}' in the model's context: {context}"

    def _hook_rows(self) -> Iterable[Json]:
        for session_id in transcripts.session_ids(self.home.claude):
            for content in self.files(session_id).values():
                for row in transcripts.rows(content):
                    attachment = row.get("attachment")
                    if isinstance(attachment, dict) and "hook" in attachment.get("type", ""):
                        yield attachment


def assert_same_files(archived: dict[str, bytes], on_disk: dict[str, bytes]) -> None:
    """Check names and bytes, and say where the first difference is."""
    missing, more = on_disk.keys() - archived.keys(), archived.keys() - on_disk.keys()
    assert (missing, more) == (set(), set()), f"not archived: {missing}; archived only: {more}"
    for name, content in on_disk.items():
        kept = archived[name]
        assert kept == content, (
            f"{name}: {len(kept)} bytes archived, {len(content)} on disk, "
            f"the same as far as {_first_difference(kept, content)}"
        )


def _first_difference(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
