"""No secret gets out of the files it was planted in, and all else arrives as it was."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from integration.home import Home
from integration.leaks import places
from integration.leaks.canaries import Aviary, Canary
from integration.leaks.comparing import difference
from integration.leaks.recorder import Recorder, recording
from integration.leaks.sampler import Sampler
from integration.leaks.searching import Searcher
from integration.leaks.session import (
    AFTER,
    BEFORE,
    KEPT,
    NEVER_KEPT,
    Life,
    SecretSession,
    lived,
    row,
)
from integration.server import Server
from integration.waiting import until

pytestmark = pytest.mark.timeout(900)
"""Seconds; some four thousand secrets take a while on a busy machine."""

Found = set[tuple[str, str]]
"""Where a canary was found, and which."""


@pytest.fixture
def aviary(capsys: pytest.CaptureFixture[str]) -> Aviary:
    """New secrets for each run; `CONFAB_TEST_SEED` repeats one."""
    seed = int(os.environ.get("CONFAB_TEST_SEED") or time.time_ns() % 1_000_000_007)
    print(f"CONFAB_TEST_SEED={seed}")
    return Aviary(random.Random(seed))


@dataclass(slots=True)
class Trial:
    """One home, the place where its sessions are kept, and everybody who watches."""

    home: Home
    aviary: Aviary
    proxy_password: Canary
    recorder: Recorder | None = None
    server: Home | None = None
    key: Canary | None = None
    said: list[tuple[str, bytes]] = field(default_factory=list)
    sampler: Sampler = field(init=False)

    def __post_init__(self) -> None:
        self.sampler = Sampler(self.home)

    def run(self) -> Life:
        """Set up, live, and ask confab for everything it can tell."""
        config = ["--backend-url", self.recorder.url] if self.recorder else []
        typed = ["--api-key-stdin"] if self.key else []
        self.say("setup", *config, *typed, typed=self.key.secret if self.key else "")
        with self.sampler:
            life = lived(self.home, self.aviary, self.proxy_password)
        for session in life.sessions:
            self.said += [("a hook's answer", said) for said in session.said]
            self.say("sync", "status", session.id)
            self.say("redact", str(session.transcript), "--report")
            self.say("session", "list-files", session.id)
        self.say("sync", "status", "--all")
        self.say("sync", "status", "--all", "--json")
        return life

    def say(self, *arguments: str, typed: str = "") -> None:
        """Run a command and keep what it says."""
        done = self.home.confab(*arguments, typed=typed)
        self.said.append((f"confab {arguments[0]}", (done.stdout + done.stderr).encode()))

    def everything(self) -> Iterator[tuple[str, bytes]]:
        """All that is not the user's own."""
        yield from self.said
        yield from self.sampler.all
        for home in filter(None, (self.home, self.server)):
            yield from places.files(home)
            yield from places.rows(home)
        key = self.key.secret if self.key else ""
        for request in self.recorder.requests if self.recorder else []:
            yield "a request", request.without(key)

    def found(self) -> Found:
        """Every canary that is anywhere."""
        searcher = Searcher(self.aviary.drawn)
        seen = {content: where for where, content in self.everything()}
        return {
            (where, str(canary))
            for content, where in seen.items()
            for canary in searcher.found(content)
        }

    def download(self, session: SecretSession) -> Path:
        """The copy of a session."""
        target = self.home.path / "downloads" / session.id
        self.home.confab("session", "download", session.id, "--output-dir", str(target))
        return target


@pytest.fixture(params=["embedded", "http"])
def trial(
    request: pytest.FixtureRequest, home: Home, aviary: Aviary, confab: Path, tmp_path: Path
) -> Iterator[Trial]:
    """A home for each kind of backend."""
    password = aviary.password("the proxy's URL")
    if request.param == "embedded":
        yield Trial(home, aviary, password)
        return
    theirs = Home.create(tmp_path / "server", confab)
    server = Server(theirs)
    try:
        server.start()
        key = aviary.known("confab", "the server's key", server.key("laptop"))
        with recording(server.url) as recorder:
            yield Trial(home, aviary, password, recorder, theirs, key)
    finally:
        server.stop()
        theirs.end_processes()


def test_nothing_leaks_and_everything_else_arrives(trial: Trial) -> None:
    life = trial.run()
    assert trial.sampler.phases >= {"waiting", "syncing", "resting", "stopping"}
    found = trial.found()
    # The proxy's password is among what a daemon needs (docs/redaction.md).
    allowed = {("daemon's environ", str(trial.proxy_password))}
    assert allowed <= found
    assert sorted(found - allowed) == []
    for session in life.sessions:
        copy = trial.download(session)
        local = session.transcript.parent
        names = [path.relative_to(local) for path in local.rglob("*") if path.is_file()]
        assert len(names) == 3
        for name in names:
            before, after = (local / name).read_bytes(), (copy / name).read_bytes()
            assert difference(before, after, (BEFORE, AFTER, session.id)) == "", name
            assert b"TOO_COMPLEX" not in after


def test_without_masking_the_same_search_finds_them_all(trial: Trial) -> None:
    path = trial.home.path / ".confab" / "config.json"
    path.parent.mkdir(mode=0o700)
    path.write_text(json.dumps({"redaction": {"enabled": False}}))
    trial.run()
    found = trial.found()
    kept = {str(canary) for canary in trial.aviary.in_(*KEPT)}
    assert sorted(kept - {name for _, name in found}) == []
    places_found = {place for place, name in found if name in kept}
    assert "confab sync" in places_found  # the directory; what it says is searched, too
    assert any(".inbox.jsonl" in place for place in places_found)
    assert any("registry.db, table sessions" in place for place in places_found)
    never = {str(canary) for canary in trial.aviary.in_(*NEVER_KEPT)}
    assert {(place, name) for place, name in found if name in never} == {
        ("daemon's environ", str(trial.proxy_password))
    }


@pytest.mark.parametrize("trial", ["http"], indirect=True)
def test_a_server_that_repeats_what_it_was_sent_tells_nobody(trial: Trial) -> None:
    assert trial.recorder is not None
    assert trial.key is not None
    trial.say(
        "setup", "--backend-url", trial.recorder.url, "--api-key-stdin", typed=trial.key.secret
    )
    config = trial.home.path / ".confab" / "config.json"
    with trial.sampler:
        session = SecretSession(trial.home, {}, cwd=str(trial.home.project))
        session.start()
        for route, status, times in (("init", 401, 1), ("init", 403, 1), ("init", 503, 3)):
            for _ in range(times):
                trial.recorder.throw_back(f"/sync/{route}", status)
            lines = [row(session, canary.text) for canary in trial.aviary.every_kind("a text")]
            session.write(b"".join(line + b"\n" for line in lines))
            config.touch()
            until(lambda: trial.recorder.owes == 0, "all is thrown back")  # type: ignore[union-attr]
            until(lambda: f"answered {status}" in str(session.state), "the error is told")  # noqa: B023
            trial.say("sync", "status", session.id)
            shutil.rmtree(trial.home.path / ".confab" / "backoff", ignore_errors=True)
        config.touch()
        session.until_archived(len(session.transcript.read_bytes().splitlines()))
        session.end()
        session.until_gone()
        session.client.kill()
        session.client.wait()
    assert sorted(trial.found()) == []


def test_a_proxy_that_repeats_what_it_was_sent_tells_nobody(home: Home, aviary: Aviary) -> None:
    password = aviary.password("the proxy's URL")
    key = aviary.known("confab", "the server's key", "cfb_" + aviary.password("a key").secret * 3)
    home.confab("setup")
    config = home.path / ".confab" / "config.json"
    with recording("http://127.0.0.1:9") as proxy:
        for _ in range(20):
            proxy.throw_back("/sync/init", 407)
        settings = {"backend_url": "http://confab.invalid", "allow_plain_http": True}
        config.write_text(json.dumps({**settings, "api_key": key.secret}))
        trial = Trial(home, aviary, password, proxy, key=key)
        environ = {"http_proxy": proxy.url.replace("://", f"://ann:{password.secret}@")}
        with trial.sampler:
            session = SecretSession(home, environ, cwd=str(home.project))
            session.start()
            session.write()
            until(lambda: "answered 407" in str(session.state), "the error is told")
            trial.say("sync", "status", session.id)
            config.write_text("{}")  # so that the daemon can leave at once
            session.end()
            session.until_gone()
            session.client.kill()
            session.client.wait()
        credentials = [value for name, value in proxy.requests[0].headers if "Proxy" in name]
        assert [each.partition(" ")[0] for each in credentials if " " in each] == ["Basic"]
        proxy.requests.clear()  # the proxy is whom the password is meant for
        assert trial.found() == {("daemon's environ", str(password))}
