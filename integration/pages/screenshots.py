"""Pictures of each page, light and dark, for `docs/screenshots/`; `make screenshots` runs it."""

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from integration import requirements
from integration.home import Home
from integration.installed import REPOSITORY, installed_confab
from integration.pages.browser import NARROW, WIDE, Scheme, Visitor, signed_in
from integration.pages.catalogue import OPEN, pages
from integration.pages.seeding import GoClient, seed
from integration.pages.story import tell
from integration.server import Server

TARGET = REPOSITORY / "docs" / "screenshots"
SAME = ("search", "usage-all")
"""Pages that look like another one."""

SETTLED = 700
"""Milliseconds after which a page shows what it was told live."""


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as directory, sync_playwright() as playwright:
        server = Server(Home.create(Path(directory) / "home", installed_confab()))
        server.start()
        try:
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(
                executable_path=requirements.chromium(), args=arguments
            )
            key = server.key("screenshots")
            sessions = seed(server.url, key, sessions=36)
            with GoClient(server.url, key, "atlas") as client:
                sessions.insert(0, tell(client, datetime.now(UTC)))
            stranger = Visitor(browser, server.url)
            owner = signed_in(browser, server)
            for scheme in ("light", "dark"):
                for name, (path, status) in OPEN.items():
                    take(stranger, path, f"{name}-{scheme}", scheme, status=status)
                for name, path in pages(sessions).items():
                    if name in SAME:
                        continue
                    take(owner, path, f"{name}-{scheme}", scheme)
            take(owner, "/", "now-narrow", "light", size=NARROW)
            browser.close()
        finally:
            server.stop()
            server.home.end_processes()


def take(
    visitor: Visitor,
    path: str,
    name: str,
    scheme: Scheme,
    *,
    size: tuple[int, int] = WIDE,
    status: int = 200,
) -> None:
    """Write one picture of what is in the window."""
    with visitor.at(path, scheme=scheme, size=size, motion="reduce", status=status) as page:
        page.wait_for_timeout(SETTLED)
        TARGET.mkdir(parents=True, exist_ok=True)
        picture = TARGET / f"{name}.png"
        page.screenshot(path=picture)
        sys.stdout.write(f"{picture.relative_to(REPOSITORY)}  {picture.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
