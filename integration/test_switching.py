"""What the user decides while daemons run holds for the next line that is written."""

from __future__ import annotations

import json
import os
import signal
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from confab_sync.config import load_config, write_config
from confab_sync.store.store import Store
from integration.home import Home
from integration.server import Server
from integration.session import Session, process_exists
from integration.waiting import until

ROUNDS = 6


@pytest.fixture(params=["embedded", "server"])
def ready(home: Home, request: pytest.FixtureRequest) -> Home:
    """A home that is set up for the store or for a server."""
    if request.param == "embedded":
        home.confab("setup", "--no-import")
    else:
        server: Server = request.getfixturevalue("server")
        send_to(home, server)
    return home


@pytest.fixture
def new_session(home: Home) -> Iterator[Callable[..., Session]]:
    sessions: list[Session] = []

    def new(**environ: str) -> Session:
        sessions.append(Session(home, environ))
        return sessions[-1]

    yield new
    for session in sessions:
        session.kill_client()


def send_to(home: Home, server: Server) -> None:
    """Set the home up for a server, with a key of its owner."""
    key = server.key("laptop")
    home.confab(
        "setup", "--no-import", "--backend-url", server.url, "--api-key-stdin", typed=key + "\n"
    )


def decide(home: Home, **changes: object) -> None:
    """Change config.json as an editor would: no command tells a daemon."""
    write_config(str(home.path / ".confab" / "config.json"), changes)


def saying(text: str) -> bytes:
    """A line in which somebody says something."""
    return json.dumps({"type": "user", "message": {"role": "user", "content": text}}).encode()


def say(session: Session, text: str) -> None:
    session.write(saying(text) + b"\n")


def token() -> str:
    """The shape of a GitHub token, another one each time."""
    return "ghp_" + (uuid.uuid4().hex + uuid.uuid4().hex)[:36]


def copy_of(home: Home, session: Session) -> str:
    """The transcript as it is archived."""
    target = home.path / "copies" / uuid.uuid4().hex
    home.confab("session", "download", session.id, "--output-dir", str(target))
    return (target / f"{session.id}.jsonl").read_text()


def left_behind(home: Home, session: Session) -> list[str]:
    """The presence files of the session."""
    directory = home.path / ".confab" / "sync" / "claude-code"
    return sorted(path.name.removeprefix(session.id) for path in directory.glob(f"{session.id}*"))


def reason_of(home: Home, session: Session) -> str:
    told = home.status_of(session.id)
    assert told is not None
    assert told["phase"] == "off"
    return str(told["note"])


def test_masking_that_is_switched_holds_for_the_very_next_line(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    secrets = [token() for _ in range(ROUNDS)]
    for number, secret in enumerate(secrets):
        decide(ready, redaction={"enabled": number % 2 == 1})
        say(session, f"{number} {secret}")
        session.until_archived(6 + number)
    assert session.daemon_pid == daemon
    copy = copy_of(ready, session)
    for number, secret in enumerate(secrets):
        assert (secret in copy) == (number % 2 == 0), number
        assert (f"{number} [REDACTED:GITHUB_TOKEN]" in copy) == (number % 2 == 1), number


def test_a_pattern_that_cannot_be_used_stops_the_sending_until_it_is_mended(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    broken = {"enabled": True, "patterns": [{"name": "n", "pattern": "(", "type": "x"}]}
    decide(ready, redaction=broken)
    say(session, "while nothing can be masked")
    until(lambda: (session.state or {}).get("last_error"), "the daemon says what is wrong")
    assert "while nothing can be masked" not in copy_of_mended(ready, session, broken)
    decide(ready, redaction=None)
    session.until_archived(6)
    assert session.daemon_pid == daemon
    assert "while nothing can be masked" in copy_of(ready, session)


def test_the_user_is_told_of_a_pattern_that_cannot_be_used(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.begin()
    broken = [{"name": "staff", "pattern": "(", "type": "x"}]
    typed = ("config", "set", "redaction.patterns", json.dumps(broken))
    refused = ready.confab(*typed, check=False)
    assert refused.returncode == 2
    assert "'staff'" in refused.stderr
    decide(ready, redaction={"patterns": broken})
    say(session, "held back")
    until(lambda: (session.state or {}).get("last_error"), "the daemon says what is wrong")
    told = ready.status_of(session.id)
    assert told is not None
    assert "'staff'" in json.dumps(told)
    assert "'staff'" in ready.confab("sync", "status").stdout
    assert "'staff'" in new_session().start()["systemMessage"]
    ready.confab("config", "unset", "redaction.patterns")
    session.until_archived(6)
    assert "held back" in copy_of(ready, session)


def copy_of_mended(home: Home, session: Session, broken: object) -> str:
    """The copy as it is now: reading it needs no masking."""
    assert load_config(str(home.path / ".confab" / "config.json")).raw["redaction"] == broken
    return copy_of(home, session)


def test_a_project_that_is_ignored_is_left_at_once(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    said = ready.confab("ignore", str(ready.path / "work")).stdout
    assert "Stopped: 1 background process." in said
    assert not process_exists(daemon)
    say(session, "after the rule")
    session.prompt()
    session.start("resume")
    session.end()
    assert left_behind(ready, session) == [".off"]
    assert "after the rule" not in copy_of(ready, session)
    assert reason_of(ready, session) == f"stays off (ignored: {ready.path}/work)"


def test_a_resting_daemon_is_reached_too(ready: Home, new_session: Callable[..., Session]) -> None:
    session = new_session(CONFAB_REST_AFTER_MS="0")
    session.begin()
    session.until_phase("resting")
    daemon = session.daemon_pid
    assert "Stopped: 1 background process." in ready.confab("ignore", ".").stdout
    assert not process_exists(daemon)
    assert left_behind(ready, session) == [".off"]


@pytest.mark.parametrize("way", ["config", "file"])
def test_a_rule_that_nobody_announces_holds_for_the_very_next_line(
    ready: Home, new_session: Callable[..., Session], way: str
) -> None:
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    if way == "config":
        decide(ready, ignore=[str(ready.project)])
    else:
        (ready.project / ".confabignore").touch()
    say(session, "after the rule")
    until(lambda: not process_exists(daemon), "the daemon has left")
    assert left_behind(ready, session) == [".off"]
    assert "after the rule" not in copy_of(ready, session)
    (ready.project / ".confabignore").unlink(missing_ok=True)
    decide(ready, ignore=None)
    session.prompt()
    session.until_archived(6)
    session.end()
    session.until_gone()
    session.assert_archived()


def test_what_a_dead_daemon_left_of_an_ignored_project_is_not_sent_by_another(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session, other = new_session(), new_session()
    session.begin()
    os.kill(session.daemon_pid, signal.SIGKILL)
    say(session, "after the rule")
    ready.confab("ignore", ".")
    session.kill_client()
    elsewhere = {"cwd": str(ready.other_project)}
    other.hook("session-start", source="startup", **elsewhere)
    other.write()
    other.until_archived(5)
    other.hook("session-end", reason="other", **elsewhere)
    other.until_gone()
    session.until_gone()
    assert "after the rule" not in copy_of(ready, session)


def test_other_projects_go_on(ready: Home, new_session: Callable[..., Session]) -> None:
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    assert "Stopped" not in ready.confab("ignore", str(ready.other_project)).stdout
    say(session, "after the rule")
    session.until_archived(6)
    assert session.daemon_pid == daemon


def test_what_is_written_in_a_pause_is_copied_after_it(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session, idle = new_session(), new_session()
    session.begin()
    idle.begin()
    daemon = session.daemon_pid
    said = ready.confab("pause", "--for", "2h").stdout
    assert "Stopped: 2 background processes." in said
    assert not process_exists(daemon)
    say(session, "in the pause")
    session.prompt()
    assert left_behind(ready, session) == [".off"]
    assert "in the pause" not in copy_of(ready, session)
    assert ready.confab("sync", "status").stdout.startswith("Paused until ")
    assert reason_of(ready, session).startswith("stays off (paused until ")
    assert "Copied again from now on: 2 sessions." in ready.confab("resume").stdout
    session.until_archived(6)
    assert "in the pause" in copy_of(ready, session)
    for each in (session, idle):
        each.end()
        each.until_gone()
        each.kill_client()
    assert "Paused" not in ready.confab("sync", "status").stdout
    target = ready.path / "copy"
    ready.confab("session", "download", session.id, "--output-dir", str(target))
    assert (target / f"{session.id}.jsonl").read_bytes() == session.transcript.read_bytes()


def test_a_pause_that_ran_out_is_over_by_itself(
    ready: Home, new_session: Callable[..., Session]
) -> None:
    session = new_session()
    session.begin()
    ready.confab("pause")
    say(session, "in the pause")
    decide(ready, paused={"since": "2020-01-01T00:00:00Z", "until": "2020-01-01T01:00:00Z"})
    session.prompt()
    session.until_archived(6)
    assert ready.confab("resume").stdout.startswith("There was no pause.")


def test_a_key_that_is_replaced_is_used_at_once(
    home: Home, server: Server, new_session: Callable[..., Session]
) -> None:
    send_to(home, server)
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    server.home.confab("serve", "keys", "revoke", "laptop")
    say(session, "with the old key")
    until(lambda: (session.state or {}).get("last_error"), "the daemon says what is wrong")
    home.confab("login", "--api-key-stdin", typed=server.key("new") + "\n")
    session.until_archived(6)
    say(session, "with the new key")
    session.until_archived(7)
    assert session.daemon_pid == daemon
    assert copy_of(home, session).encode() == session.transcript.read_bytes()


def test_a_login_sends_the_next_line_to_the_server_and_no_longer_to_the_store(
    home: Home, server: Server, new_session: Callable[..., Session]
) -> None:
    home.confab("setup", "--no-import")
    session = new_session()
    session.begin()
    daemon = session.daemon_pid
    key = server.key("laptop")
    home.confab("login", "--backend-url", server.url, "--api-key-stdin", typed=key + "\n")
    say(session, "after the login")
    until(lambda: (session.state or {}).get("backend") == server.url, "the server is used")
    session.until_archived(6)
    assert session.daemon_pid == daemon
    assert copy_of(home, session).encode() == session.transcript.read_bytes()
    (store,) = home.path.rglob("store.db")
    with Store.open(str(store), clock=lambda: datetime.now(UTC), create=False) as kept:
        found = kept.find_session(session.id)
        stored = b"".join(kept.read_file(found.session_id, f"{session.id}.jsonl"))
    assert stored.count(b"\n") == 5
    assert b"after the login" not in stored
