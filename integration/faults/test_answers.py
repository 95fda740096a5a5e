"""A server, or somebody in front of it, that answers what it should not: nothing is lost."""

from __future__ import annotations

import time
from concurrent.futures import Future
from email.utils import formatdate

import pytest

from confab_sync import wire
from integration.faults.conftest import Scenario
from integration.faults.rig import Rig
from integration.faults.server import Act, Forward, afterwards, instead
from integration.session import Session
from tests.backends.http.api import Asked, Reply, error, text

SIGN_IN = Reply(200, b"<html><title>Sign in</title></html>", "text/html")
NOT_HERE = Reply(404, b"<html><h1>Not Found</h1></html>", "text/html")
POISON = "a line that nobody can stomach"


def only(chosen: str, reply: Reply) -> Act:
    """Answer like that to what mentions `chosen`."""

    def act(asked: Asked, forward: Forward) -> Reply | None:
        return reply if chosen.encode() in asked.data else None

    return act


def lasting(rig: Rig, kind: str, reply: Reply, *, cycles: int = 3, route: str = "/") -> None:
    """Answer like that to everything, until it has been so for some cycles."""
    rig.begin(rig.front.url)
    rig.front.arm(kind, instead(reply), times=None, route=route)
    rig.write(2)
    rig.until_fired(cycles)
    assert rig.lines > int(rig.state["lines"])


def html_with_200(rig: Rig) -> None:
    lasting(rig, "HTML with 200", SIGN_IN)
    rig.until_error("not the API's")
    rig.front.disarm()
    rig.finish()


def a_404_that_the_api_did_not_write(rig: Rig) -> None:
    lasting(rig, "404 by a proxy", NOT_HERE, cycles=5)
    rig.until_error("no confab API is there")
    rig.front.disarm()
    rig.finish()


def a_key_that_is_refused_for_long(rig: Rig) -> None:
    """Until the user has another one, which the same server takes."""

    def act(asked: Asked, forward: Forward) -> Reply | None:
        is_old = asked.headers.get("authorization") == f"Bearer {rig.key}"
        return text(401, wire.INVALID_API_KEY) if is_old else None

    rig.begin(rig.front.url)
    rig.front.arm("401", act, times=None, route="/")
    rig.write(2)
    rig.until_fired(6)
    rig.until_error("confab login")
    assert rig.state["connection"] == "error"
    rig.configure(rig.front.url, rig.server.key(f"new {rig.session.id}"))
    rig.finish()


def a_session_that_is_forbidden(rig: Rig) -> None:
    """The other session of the same user, at the same server, goes on."""
    other = Session(rig.home, dict(rig.session.environ))
    try:
        rig.begin(rig.front.url)
        other.start()
        session_id = str(rig.state["confab_session_id"])
        rig.front.arm("403", only(session_id, error(403, wire.ACCESS_DENIED)), times=None)
        rig.write(2)
        rig.until_error("may not do that")
        other.write(lines=4)
        other.until_archived(4)
        rig.until_fired(3)
        assert rig.lines > int(rig.state["lines"])
        rig.front.disarm()
        rig.finish()
    finally:
        other.kill_client()


def a_conflict(rig: Rig) -> None:
    rig.begin(rig.front.url)
    rig.front.arm("409", instead(error(409, "Conflict")), times=1)
    rig.write(4)
    rig.finish()


def a_limit_on_the_size_of_bodies(rig: Rig) -> None:
    limit = 100_000

    def act(asked: Asked, forward: Forward) -> Reply | None:
        return Reply(413, b"too large", "text/html") if len(asked.data) > limit else None

    rig.begin(rig.front.url)
    rig.front.arm("413", act, times=None)
    rig.write(300, size=3000)
    rig.finish()


def a_server_without_zstd(rig: Rig) -> None:
    def act(asked: Asked, forward: Forward) -> Reply | None:
        packed = asked.headers.get("content-encoding")
        return error(415, f"Unsupported Content-Encoding: {packed}") if packed else None

    rig.begin(rig.front.url)
    rig.front.arm("415", act, times=None)
    rig.write(20, size=3000)
    rig.until_copied()
    assert rig.log.faults[-1].fired == 1
    rig.finish()


def a_server_in_a_hurry(rig: Rig) -> None:
    rig.begin(rig.front.url)
    rig.front.arm("429", instead(text(429, wire.RATE_LIMITED)), times=4)
    rig.write(2)
    rig.finish()


def a_server_that_names_seconds(rig: Rig) -> None:
    later = text(429, wire.RATE_LIMITED, **{"Retry-After": "5"})
    rig.begin(rig.front.url)
    rig.front.arm("429 with seconds", instead(later))
    rig.write(2)
    rig.until_error("429")
    began, before = time.monotonic(), len(rig.front.asked)
    rig.until_copied()
    assert time.monotonic() - began > 4
    # Nobody asked meanwhile; then the session that is known there is looked for first.
    (method, path), again = rig.front.asked[before:][:2]
    assert (method, path.rpartition("/")[2], again) == ("GET", "files", ("POST", wire.INIT))
    rig.finish()


def a_server_that_names_a_date(rig: Rig) -> None:
    later = text(429, wire.RATE_LIMITED, **{"Retry-After": formatdate(2e9, usegmt=True)})
    rig.begin(rig.front.url)
    rig.front.arm("429 with a date", instead(later), times=4)
    rig.write(2)
    rig.finish()


def a_500_after_the_chunk_was_stored(rig: Rig) -> None:
    rig.begin(rig.front.url)
    for _ in range(2):
        rig.front.arm("500 after storing", afterwards(error(500, wire.SYNC_STATE_FAILED)))
        rig.write(2)
        rig.until_copied()
    rig.finish()


def one_line_that_the_server_stumbles_over(rig: Rig) -> None:
    """A placeholder stands for it, the lines around it and the other files arrive."""
    rig.begin(rig.front.url)
    rig.front.arm("500 for ever", only(POISON, error(500, wire.UPLOAD_FAILED)), times=None)
    rig.write(2)
    rig.session.write(b'{"text":"' + POISON.encode() + b'"}\n')
    rig.write(2)
    number = 0
    while not rig.has_note("placeholder"):  # it takes that the rest of the session succeeds
        number += 1
        assert number < 20, "the line is never set aside"
        rig.session.write_subagent("abcdef", b'{"n":%d}\n' % number)
        rig.until_refused_again()
    rig.lines += 1 + number
    rig.until_copied()
    rig.stop()
    rig.front.disarm()
    rig.download()
    (copy,) = rig.home.path.joinpath("downloads").rglob(f"{rig.session.id}.jsonl")
    copied, local = copy.read_text().splitlines(), rig.session.transcript.read_text()
    assert len(copied) == 8
    differing = [
        (mine, theirs)
        for mine, theirs in zip(local.splitlines(), copied, strict=True)
        if mine != theirs
    ]
    ((mine, theirs),) = differing
    assert POISON in mine
    assert "confab" in theirs


def a_server_that_is_down_for_long(rig: Rig) -> None:
    """Five daemons of one user: what they do meanwhile stays within bounds."""
    others = [Session(rig.home, dict(rig.session.environ)) for _ in range(4)]
    everyone = [rig.session, *others]
    try:
        rig.begin(rig.front.url)
        for other in others:
            other.start()
            other.write()
            other.until_archived(5)
        logs = rig.home.path / ".confab" / "logs"
        before = sum((logs / f"{each.id}.log").stat().st_size for each in everyone)
        rig.front.arm("503", instead(error(503, wire.STORAGE_UNAVAILABLE)), times=None, route="/")
        for each in everyone:
            each.write(lines=1)
        rig.lines += 1
        asked, began = len(rig.front.asked), time.monotonic()
        while time.monotonic() - began < 20:
            for each in everyone:
                each.write(lines=1)
            rig.lines += 1
            time.sleep(1)
        # An hour is looked at by a made-up clock in tests/daemon/test_hour.py.
        assert len(rig.front.asked) - asked <= 60
        assert rig.front.connections <= len(everyone)
        pids = {each.daemon_pid for each in everyone}
        assert len(pids) == len(everyone)
        mine = [one for one in rig.home.daemons() if any(s.id in one.command for s in everyone)]
        assert {one.pid for one in mine} == pids
        grown = sum((logs / f"{each.id}.log").stat().st_size for each in everyone) - before
        assert grown <= 4096 * len(everyone)
        rig.front.disarm()
        rig.finish()
        for other in others:
            other.end()
            other.until_gone()
    finally:
        for other in others:
            other.kill_client()


SCENARIOS = (
    html_with_200,
    a_404_that_the_api_did_not_write,
    a_key_that_is_refused_for_long,
    a_session_that_is_forbidden,
    a_conflict,
    a_limit_on_the_size_of_bodies,
    a_server_without_zstd,
    a_server_in_a_hurry,
    a_server_that_names_seconds,
    a_server_that_names_a_date,
    a_500_after_the_chunk_was_stored,
    one_line_that_the_server_stumbles_over,
    a_server_that_is_down_for_long,
)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: str(each.__name__))
def test_the_copy_is_whole_after(
    scenario: Scenario, outcomes: dict[Scenario, Future[None]]
) -> None:
    outcomes[scenario].result()


def test_a_stop_ends_the_daemon_at_once_while_the_server_says_in_an_hour(alone: Rig) -> None:
    """Source: issue 5: within two seconds."""
    later = text(429, wire.RATE_LIMITED, **{"Retry-After": "3600"})
    alone.begin(alone.front.url)
    alone.front.arm("429 with an hour", instead(later), route="/")
    alone.write(2)
    alone.until_error("429")
    alone.stop(seconds=2.0)
    told = alone.run("sync", "status", alone.session.id).stdout
    assert "429" in told
