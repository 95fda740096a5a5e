"""Claude's configuration directories with backends of their own: nothing of one goes elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from integration.home import Home
from integration.server import Server
from integration.session import Session
from integration.waiting import until


@dataclass(slots=True)
class SessionOf(Session):
    """A session whose Claude Code runs with `CLAUDE_CONFIG_DIR` set to `directory`."""

    directory_of_claude: Path = field(default_factory=Path)

    @property
    def transcript(self) -> Path:
        """Where Claude Code would write the transcript."""
        return self.directory_of_claude / "projects" / "-work-app" / f"{self.id}.jsonl"


@contextmanager
def serving(place: Path, confab: Path) -> Iterator[Server]:
    theirs = Home.create(place, confab)
    started = Server(theirs)
    started.start()
    yield started
    started.stop()
    theirs.end_processes()


@dataclass(frozen=True, slots=True)
class Site:
    """One user with two bound directories, beside the default one that is not."""

    home: Home
    servers: tuple[Server, Server]

    def directory(self, number: int) -> Path:
        """The bound directory that goes to this server."""
        return self.home.path / f"claude-{number}"

    def session(self, number: int | None) -> Session:
        """A session of a bound directory, or of the default one."""
        if number is None:
            return Session(self.home)
        directory = self.directory(number)
        environ = {"CLAUDE_CONFIG_DIR": str(directory)}
        return SessionOf(self.home, environ, directory_of_claude=directory)

    def at(self, number: int) -> set[str]:
        """The ids of the sessions that a server has."""
        told = json.loads(self.servers[number].home.confab("list", "--json", "-n0").stdout)
        return {each["id"] for each in told["sessions"]}

    def in_store(self) -> set[str]:
        """The ids of those that the store on the user's machine has."""
        told = json.loads(self.home.confab("list", "--json", "-n0").stdout)
        return {each["id"] for each in told["sessions"] if each["backend"] == "embedded"}

    def complaint(self, session: Session) -> str:
        """What the status says went wrong with it."""
        return str((self.home.status_of(session.id) or {}).get("last_error", ""))


def is_saved(home: Home, session: Session) -> bool:
    """Whether `confab save` archived the session now."""
    return home.confab("save", session.id, check=False).returncode == 0


@pytest.fixture
def site(home: Home, confab: Path, tmp_path: Path) -> Iterator[Site]:
    with (
        serving(tmp_path / "one", confab) as one,
        serving(tmp_path / "two", confab) as two,
    ):
        home.confab("setup", "--no-import")
        site = Site(home, (one, two))
        for number, server in enumerate(site.servers):
            site.directory(number).mkdir()
            arguments = ["--config-dir", str(site.directory(number)), "--backend-url", server.url]
            key = server.key("laptop")
            home.confab("setup", "--no-import", *arguments, "--api-key-stdin", typed=key)
        yield site
        home.end_processes()


def test_each_session_goes_where_its_directory_is_bound_to(site: Site) -> None:
    sessions = [site.session(0), site.session(1), site.session(None)]
    for session in sessions:
        session.begin()
        session.end()
        session.until_gone()
        session.kill_client()
    first, second, usual = (session.id for session in sessions)
    assert site.at(0) == {first}
    assert site.at(1) == {second}
    assert site.in_store() == {usual}
    for session in sessions:
        session.assert_archived()


@pytest.mark.parametrize("trouble", ["down", "refused"])
def test_what_its_own_backend_does_not_take_goes_to_no_other(site: Site, trouble: str) -> None:
    first = site.servers[0]
    if trouble == "down":
        first.kill()
    else:
        first.home.confab("serve", "keys", "revoke", "laptop")
    session, others = site.session(0), [site.session(1), site.session(None)]
    session.start()
    session.write()
    for other in others:
        other.begin()
        other.end()
        other.until_gone()
        other.kill_client()
    until(lambda: site.complaint(session), "the trouble is told")
    if trouble == "refused":
        command = f"confab login --config-dir {site.directory(0)}"
        assert command in site.complaint(session)
        told = json.loads(site.home.confab("doctor", "--json", check=False).stdout)
        assert command in [each["remedy"] for each in told["checks"]]
        notices = site.home.path / ".confab" / "notices"
        until(
            lambda: any(command in each.read_text() for each in notices.glob("*.json")),
            "the user is told",
        )
    session.end()
    session.until_gone()
    session.kill_client()
    site.home.confab("save", "--all", "--wait", check=False)
    assert session.id not in site.at(1) | site.in_store()
    if trouble == "down":
        first.start()
    else:
        key = first.key("laptop again")
        of = ["--config-dir", str(site.directory(0))]
        site.home.confab("login", *of, "--api-key-stdin", typed=key)
    until(lambda: is_saved(site.home, session), "its own server has it")  # after the backoff
    assert site.at(0) == {session.id}
    assert session.id not in site.at(1) | site.in_store()


def test_one_that_is_let_go_falls_back_to_nothing(site: Site) -> None:
    session = site.session(0)
    session.begin()
    site.home.confab("uninstall", "--config-dir", str(site.directory(0)))
    session.until_gone()
    session.kill_client()
    late = site.session(0)
    late.start()
    late.write()
    until(lambda: "no backend is bound" in site.complaint(late), "that it goes nowhere is told")
    late.end()
    late.until_gone()
    late.kill_client()
    site.home.confab("save", "--all", "--wait", check=False)
    assert site.at(0) == {session.id}
    assert late.id not in site.at(1) | site.in_store()


def test_several_directories_share_one_backend(site: Site) -> None:
    second = site.servers[1]
    arguments = ["--config-dir", str(site.directory(0)), "--backend-url", second.url]
    site.home.confab("setup", "--no-import", *arguments)
    sessions = [site.session(0), site.session(1)]
    for session in sessions:
        session.begin()
        session.end()
        session.until_gone()
        session.kill_client()
    assert site.at(0) == set()
    assert site.at(1) == {session.id for session in sessions}
