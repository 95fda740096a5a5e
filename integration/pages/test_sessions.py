"""The list of sessions finds any of ten thousand by words and by what is known of it."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from integration.home import Home
from integration.pages.archive import Archive, row, text
from integration.pages.browser import Visitor, signed_in
from integration.pages.conftest import Seeded
from integration.server import Server

MANY = 10_000


def rows(page: Page) -> int:
    return page.locator("[data-row]").count()


def test_words_are_found_with_what_stands_around_them(visitor: Visitor, seeded: Seeded) -> None:
    with visitor.at("/sessions") as page:
        page.keyboard.press("/")
        page.keyboard.type("scheduler")
        page.keyboard.press("Enter")
        page.wait_for_url("**/sessions?q=scheduler")
        expect(page.locator("mark").first).to_have_text("scheduler")
        page.locator(".snippet").first.click()
        page.wait_for_url("**/sessions/*line=*")
        expect(page.locator("article.here")).to_contain_text("scheduler")
        page.go_back()
        expect(page.get_by_role("searchbox")).to_have_value("scheduler")


def test_filters_are_in_the_address_and_undone_by_going_back(visitor: Visitor) -> None:
    with visitor.at("/sessions") as page:
        everything = rows(page)
        page.get_by_label("Machine").select_option("atlas")
        page.wait_for_url("**/sessions?machine=atlas")
        fewer = rows(page)
        assert 0 < fewer < everything
        page.get_by_label("State").select_option("ended")
        page.wait_for_url("**/sessions?machine=atlas&state=ended")
        assert rows(page) <= fewer
        page.go_back()
        expect(page.get_by_label("Machine")).to_have_value("atlas")
        expect(page.get_by_label("State")).to_have_value("")
        page.get_by_role("link", name="Clear filters").click()
        page.wait_for_url("**/sessions")


def test_list_is_ordered_by_its_headings(visitor: Visitor) -> None:
    with visitor.at("/sessions") as page:
        page.get_by_role("columnheader", name="Size").get_by_role("link").click()
        page.wait_for_url("**/sessions?order=bytes")
        head = page.get_by_role("columnheader", name="Size")
        expect(head).to_have_attribute("aria-sort", "descending")
        head.get_by_role("link").click()
        expect(head).to_have_attribute("aria-sort", "ascending")


def test_page_behind_the_last_one_leads_to_the_first(visitor: Visitor) -> None:
    for narrowed in ("machine=atlas&", "q=step&", ""):
        with visitor.at(f"/sessions?{narrowed}page=99") as page:
            expect(page.get_by_role("heading", name="There is no page 99")).to_be_visible()
            page.get_by_role("link", name="Show the first page").click()
            expect(page.locator("[data-row]").first).to_be_visible()


def test_headings_stand_over_their_numbers_at_any_width(visitor: Visitor) -> None:
    right = """(element) => {
        const range = new Range();
        range.selectNodeContents(element);
        return range.getBoundingClientRect().right;
    }"""
    for width in (1280, 768):
        with visitor.at("/sessions?order=bytes", size=(width, 900)) as page:
            frame = page.locator(".table-wrap")
            assert frame.evaluate("(each) => each.scrollWidth <= each.clientWidth"), width
            for column in (3, 5):
                head = page.locator("thead th").nth(column).evaluate(right)
                number = page.locator("tbody tr").first.locator("> *").nth(column).evaluate(right)
                assert abs(head - number) < 1, (width, column)


def test_rows_are_opened_by_keys(visitor: Visitor) -> None:
    with visitor.at("/sessions") as page:
        page.keyboard.press("j")
        page.keyboard.press("j")
        target = page.locator("[data-row] a").nth(0)
        expect(page.locator("[data-row]").nth(1)).to_have_class("chosen")
        assert target.is_visible()
        page.keyboard.press("Enter")
        page.wait_for_url("**/sessions/*-*")


def test_page_works_without_scripts(chromium: Browser, visitor: Visitor) -> None:
    context = chromium.new_context(storage_state=visitor.cookies, java_script_enabled=False)
    page = context.new_page()
    page.goto(visitor.url + "/sessions")
    page.get_by_label("Machine").select_option("atlas")
    page.get_by_role("button", name="Apply").click()
    assert "machine=atlas" in page.url
    page.locator("[data-row] a").first.click()
    expect(page.locator("article").first).to_be_visible()
    context.close()


@pytest.fixture(scope="module")
def crowd(
    confab: Path, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitor]:
    """The owner of a server with ten thousand sessions."""
    home = Home.create(tmp_path_factory.mktemp("crowd") / "home", confab)
    server = Server(home)
    try:
        server.start()
        (path,) = home.path.rglob("store.db")
        archive, made = Archive(path), random.Random(5)
        begin = datetime.now(UTC) - timedelta(days=400)
        for number in range(MANY):
            archive.now = begin + timedelta(minutes=50 * number)
            archive.put(
                row("user", f"Task {number} of the {made.choice(WORDS)}"),
                row("assistant", [text(f"Answer {number}")]),
                title=f"Task {number}",
                cwd=f"/home/ann/{made.choice(WORDS)}",
                hostname=made.choice(("atlas", "desk")),
                git_info={"branch": f"b{number % 50}"},
            )
        archive.close()
        yield signed_in(chromium, server)
        assert server.stop() == 0
    finally:
        server.kill()
        home.end_processes()


WORDS = ("parser", "lexer", "billing", "site", "importer", "scheduler")


@pytest.mark.timeout(600)
def test_ten_thousand_sessions_are_listed_filtered_and_searched(crowd: Visitor) -> None:
    with crowd.at("/sessions") as page:
        expect(page.locator(".page-head")).to_contain_text("10\u202f000")
        assert rows(page) == 50
        expect(page.locator("[data-row]").first).to_contain_text("Task 9999")
        page.get_by_role("link", name="Older").click()
        expect(page.locator("[data-row]").first).to_contain_text("Task 9949")
        page.get_by_label("Branch").select_option("b7")
        expect(page.locator(".page-head")).to_contain_text("200 ·")
        page.goto(crowd.url + "/sessions?order=moment&reverse=1&page=200")
        expect(page.locator("[data-row]").last).to_contain_text("Task 9999")
        page.goto(crowd.url + "/sessions?q=task+4321")
        expect(page.locator("[data-row]").first).to_contain_text("Task 4321", timeout=300_000)
