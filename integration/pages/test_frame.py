"""The frame of the pages: signing in and out, keys, the theme, and what is not there."""

import re

import httpx
from playwright.sync_api import Browser, expect

from integration.pages.browser import Visitor, signed_in
from integration.pages.conftest import Seeded

CHOSEN = re.compile(r"\bchosen\b")


def test_link_is_shown_as_used_up_the_second_time(chromium: Browser, seeded: Seeded) -> None:
    link = seeded.server.home.confab("serve", "users", "link").stdout.split()[-1]
    page = chromium.new_page()
    for heading in ("Now", "This link does not work"):
        page.goto(link)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.close()


def test_who_signs_out_is_told_how_to_sign_in(chromium: Browser, seeded: Seeded) -> None:
    visitor = signed_in(chromium, seeded.server)
    with visitor.at("/usage") as page:
        page.get_by_text("owner@localhost").click()
        # Chromium complains of each 401 on its console, so the rest is asked without it.
        cookies = {each["name"]: each["value"] for each in page.context.cookies()}
        assert page.get_by_role("button", name="Sign out").is_visible()
    with httpx.Client(base_url=seeded.server.url, cookies=cookies, trust_env=False) as http:
        assert http.get("/usage").status_code == 200
        http.post("/auth/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
        http.cookies.update(cookies)
        answer = http.get("/usage")
        assert answer.status_code == 401
        assert "confab serve users link" in answer.text


def test_keys_go_everywhere(visitor: Visitor) -> None:
    with visitor.at("/") as page:
        page.keyboard.press("g")
        page.keyboard.press("u")
        page.wait_for_url("**/usage")
        page.keyboard.press("g")
        page.keyboard.press("n")
        page.wait_for_url(visitor.url + "/")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


def test_rows_are_chosen_and_opened_by_keys(visitor: Visitor) -> None:
    with visitor.at("/") as page:
        rows = page.locator("[data-row]")
        page.keyboard.press("j")
        expect(rows.nth(0)).to_have_class(CHOSEN)
        page.keyboard.press("j")
        page.keyboard.press("j")
        page.keyboard.press("k")
        expect(rows.nth(1)).to_have_class(CHOSEN)
        focused = page.evaluate("document.activeElement.getAttribute('href')")
        assert focused == rows.nth(1).get_by_role("link").get_attribute("href")


def test_first_tab_leads_past_the_navigation(visitor: Visitor) -> None:
    with visitor.at("/") as page:
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"


def test_chosen_theme_stays_on_other_pages(visitor: Visitor) -> None:
    with visitor.at("/", scheme="light") as page:

        def ground() -> str:
            color: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
            return color

        light = ground()
        page.keyboard.press("t")
        dark = ground()
        assert dark != light
        page.goto(visitor.url + "/usage")
        assert ground() == dark
        page.get_by_role("button", name="Switch between light and dark").click()
        assert ground() == light


def test_device_is_approved_with_the_code_it_shows(visitor: Visitor) -> None:
    with httpx.Client(base_url=visitor.url, trust_env=False) as http:
        asked = http.post("/auth/device/code", json={"key_name": "test"}).json()
        with visitor.at(f"/auth/device?code={asked['user_code']}") as page:
            expect(page.get_by_label("Code")).to_have_value(asked["user_code"])
            page.get_by_role("button", name="Approve").click()
            expect(page.get_by_role("heading", level=1)).to_have_text("Approved")
        body = {"device_code": asked["device_code"]}
        assert http.post("/auth/device/token", json=body).json()["access_token"]
