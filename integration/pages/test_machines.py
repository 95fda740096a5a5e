"""Four homes with several sessions each, and one that goes offline and comes back."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from integration.faults.faultlog import FaultLog
from integration.faults.proxy import Proxy
from integration.home import Home
from integration.pages.browser import Visitor, signed_in
from integration.pages.machines import machine
from integration.pages.seeding import GoClient, conversation
from integration.server import Server
from integration.session import Session

SESSIONS = 2
TURNS = 3


@dataclass
class Site:
    """A server on a machine of its own with sessions, two machines more, and the way of one."""

    server: Server
    visitor: Visitor
    sessions: dict[str, list[Session]]
    way: Proxy


@pytest.fixture
def site(confab: Path, chromium: Browser, tmp_path: Path) -> Iterator[Site]:
    names = ("hub", "near", "far")
    homes = {name: machine(tmp_path / name, confab, name) for name in names}
    server = Server(homes["hub"])
    sessions: dict[str, list[Session]] = {}
    ways: list[Proxy] = []
    try:
        server.start()
        ways.append(Proxy(server.port, FaultLog()))
        homes["hub"].confab("setup", "--no-import")
        for name, url in (("near", server.url), ("far", ways[0].url)):
            set_up(homes[name], url, server.key(name))
        for name, home in homes.items():
            sessions[name] = [begun(home, f"Work {number} on {name}") for number in range(SESSIONS)]
        yield Site(server, signed_in(chromium, server), sessions, ways[0])
    finally:
        for each in (session for several in sessions.values() for session in several):
            each.kill_client()
        for way in ways:
            way.close()
        server.stop()
        for home in homes.values():
            home.end_processes()


def set_up(home: Home, url: str, key: str) -> None:
    home.confab("setup", "--no-import", "--backend-url", url, "--api-key-stdin", typed=key)


def begun(home: Home, title: str) -> Session:
    session = Session(home)
    session.start()
    say(session, title)
    return session


def say(session: Session, title: str) -> None:
    """Write a few turns as Claude Code does."""
    rows = conversation(title, TURNS, datetime.now(UTC), random.Random(title))
    session.write(b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def lines_of(page: Page, title: str, lines: int) -> None:
    """Wait until the row of this session shows so many lines."""
    row = page.locator("[data-row]").filter(has_text=title)
    expect(row.locator("[data-cell=lines]")).to_have_text(str(lines), timeout=60_000)


def test_all_machines_are_seen_and_one_that_was_away_comes_back(site: Site) -> None:
    with (
        GoClient(site.server.url, site.server.key("go"), "other") as other,
        site.visitor.at("/") as page,
    ):
        page.evaluate("window.untouched = true")
        for number in range(SESSIONS):
            title = f"Work {number} on other"
            rows = conversation(title, TURNS, datetime.now(UTC), random.Random(title))
            other.upload(rows, title=title)
        for name in (*site.sessions, "other"):
            expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
            for number in range(SESSIONS):
                lines_of(page, f"Work {number} on {name}", 2 * TURNS)

        hub = page.locator("[data-row]").filter(has_text="Work 0 on hub")
        near = page.locator("[data-row]").filter(has_text="Work 0 on near")
        go = page.locator("[data-row]").filter(has_text="Work 0 on other")
        for row in (hub, near):  # one by its state on this host, one by its Confab-Live header
            expect(row.locator("[data-cell=state]")).to_contain_text("Syncing")
        expect(go.locator("[data-cell=state]")).to_have_text("—")
        expect(page.get_by_text("this host")).to_have_count(1)

        site.way.refuse()
        say(site.sessions["far"][0], "More that nobody sees yet")
        say(site.sessions["near"][0], "More that is seen")
        lines_of(page, "Work 0 on near", 4 * TURNS)
        lines_of(page, "Work 0 on far", 2 * TURNS)
        site.way.listen_again()
        lines_of(page, "Work 0 on far", 4 * TURNS)

        site.sessions["near"][1].end()
        ended = page.locator("[data-row]").filter(has_text="Work 1 on near")
        expect(ended.locator("[data-cell=state]")).to_contain_text("Ended", timeout=60_000)
        assert page.evaluate("window.untouched")


def test_session_that_goes_to_another_server_is_seen_as_well(
    site: Site, confab: Path, tmp_path: Path
) -> None:
    elsewhere = Server(Home.create(tmp_path / "elsewhere", confab))
    elsewhere.start()
    home = site.sessions["hub"][0].home
    for begun_before in site.sessions["hub"]:  # one that has nothing more to say stays in the store
        begun_before.until_archived(2 * TURNS)
    set_up(home, elsewhere.url, elsewhere.key("hub"))
    session = begun(home, "Goes elsewhere")
    try:
        with site.visitor.at("/") as page:
            row = page.locator(f'[data-row][data-key="local/{session.id}"]')
            expect(row).to_contain_text("Syncing", timeout=60_000)
            expect(row).to_contain_text(elsewhere.url)
            elsewhere.stop()
            say(session, "More that cannot be sent")
            expect(row).to_contain_text("Offline", timeout=60_000)
            expect(row).to_contain_text("cannot be reached")
    finally:
        session.kill_client()
        elsewhere.kill()
        elsewhere.home.end_processes()
