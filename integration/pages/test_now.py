"""The first page shows what happens while it happens."""

import random
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from integration.home import Home
from integration.pages.browser import Visitor, expect_live, signed_in
from integration.pages.conftest import Seeded
from integration.pages.seeding import GoClient, conversation
from integration.server import Server

HOSTILE = "<script>alert(1)</script> \u202egnp.exe\u202c \x1b[31mred <img src=x onerror=alert(1)>"


def row(page: Page, text: str) -> Locator:
    """The row of the session with this title."""
    return page.locator("[data-row]").filter(has_text=text)


def test_line_appears_without_reload(visitor: Visitor, seeded: Seeded) -> None:
    rows = conversation("Appear while I look", 4, datetime.now(UTC), random.Random(2))
    with (
        GoClient(seeded.server.url, seeded.key, "atlas") as client,
        visitor.at("/") as page,
    ):
        page.evaluate("window.untouched = true")
        expect_live(page)
        session = client.upload(rows[:2], title="Appear while I look")
        shown = row(page, "Appear while I look")
        expect(shown.locator("[data-cell=lines]")).to_have_text("2")
        page.keyboard.press("j")
        client.append(session, rows[2:], 3)
        expect(shown.locator("[data-cell=lines]")).to_have_text("8")
        expect(shown.locator("[data-cell=context]")).to_contain_text("%")
        assert page.locator(".chosen").count() == 1  # what one was at is where it was
        assert page.evaluate("window.untouched")


def test_hostile_text_is_only_text(visitor: Visitor, seeded: Seeded) -> None:
    client = GoClient(seeded.server.url, seeded.key, "<b>atlas</b>")
    rows = conversation(HOSTILE, 1, datetime.now(UTC), random.Random(3))
    client.upload(
        rows, title=HOSTILE, cwd="/home/<i>x</i>", git_info={"branch": '"><svg onload=x>'}
    )
    with visitor.at("/") as page:
        shown = row(page, "<script>alert(1)</script>")
        expect(shown).to_be_visible()
        assert shown.locator("script, img, i, [onload]").count() == 0
        assert "\u202e" not in shown.inner_text()
        assert "\x1b" not in shown.inner_text()


def test_hidden_tab_holds_no_stream(visitor: Visitor) -> None:
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    with visitor.at("/") as page:
        expect_live(page)
        with page.expect_event("requestfailed") as ended:
            page.evaluate(hide % "true" + tell)
        assert ended.value.url.endswith("/pages/now/live")
        with page.expect_request("**/pages/now/live"):
            page.evaluate(hide % "false" + tell)


def test_server_that_is_away_is_told_and_its_return_as_well(
    chromium: Browser, confab: Path, tmp_path: Path
) -> None:
    server = Server(Home.create(tmp_path / "home", confab))
    server.start()
    try:
        with GoClient(server.url, server.key("away"), "atlas") as client:
            rows = conversation("Here again", 1, datetime.now(UTC), random.Random(5))
            visitor = signed_in(chromium, server)
            page = chromium.new_context(storage_state=visitor.cookies).new_page()
            page.goto(server.url)
            expect_live(page)
            assert server.stop() == 0
            expect(page.get_by_text("Reconnecting…")).to_be_visible(timeout=30_000)
            server.start()
            expect_live(page, seconds=60)
            client.upload(rows, title="Here again")
            expect(row(page, "Here again")).to_be_visible()
            page.context.close()
    finally:
        server.kill()
        server.home.end_processes()
