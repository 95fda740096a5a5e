"""What the tests of the pages share: a server with sessions, a browser, a visitor signed in."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from confab_sync import wire
from integration import npm, requirements
from integration.home import Home
from integration.pages.browser import Visitor, opened, signed_in
from integration.pages.seeding import Uploaded, seed
from integration.server import Server
from integration.waiting import until

AXE = "4.14.1"


@dataclass(frozen=True)
class Seeded:
    """A server, and the sessions that were uploaded to it."""

    server: Server
    key: str
    sessions: list[Uploaded]

    def is_indexed(self) -> bool:
        """Whether the search knows everything that the server has."""
        answer = httpx.get(
            f"{self.server.url}{wire.SEARCH_ROUTE}",
            params={"q": "step"},
            headers={"Authorization": f"Bearer {self.key}"},
            trust_env=False,
        )
        return bool(answer.json()["is_up_to_date"])


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    Only while the tests of pages run: as long as Playwright does, no other event loop can.
    """
    with opened(requirements.chromium()) as browser:
        yield browser


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    place = npm.fetched("axe-core", AXE, "node_modules/axe-core/axe.min.js")
    return (place / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def seeded(confab: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seeded]:
    """A real `confab serve` with three machines' sessions; tests leave it as it is."""
    home = Home.create(tmp_path_factory.mktemp("pages") / "home", confab)
    server = Server(home)
    try:
        server.start()
        key = server.key("pages")
        made = Seeded(server, key, seed(server.url, key))
        # A page of what was found is made anew until all is indexed, also under a test's hands.
        until(made.is_indexed, "the sessions being indexed")
        yield made
        assert server.stop() == 0
    finally:
        server.kill()
        home.end_processes()


@pytest.fixture(scope="package")
def visitor(chromium: Browser, seeded: Seeded) -> Visitor:
    """The owner, signed in at the seeded server."""
    return signed_in(chromium, seeded.server)


@pytest.fixture
def stranger(chromium: Browser, seeded: Seeded) -> Visitor:
    """Somebody who is not signed in there."""
    return Visitor(chromium, seeded.server.url)
