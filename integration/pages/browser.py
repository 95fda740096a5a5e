"""A browser with a person in it, who notices what a page complains about."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    StorageState,
    expect,
    sync_playwright,
)

from integration.server import Server

Scheme = Literal["light", "dark"]
WIDE = (1280, 900)
NARROW = (375, 780)

_WATCHING = """
    window.alert = () => console.error("a script that came from outside has run");
    addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
"""


@dataclass
class Visitor:
    """Opens pages of one server in a browser."""

    browser: Browser
    url: str
    cookies: StorageState | None = None
    complaints: list[str] = field(default_factory=list)

    @contextmanager
    def at(
        self,
        path: str,
        *,
        scheme: Scheme = "light",
        size: tuple[int, int] = WIDE,
        motion: Literal["reduce", "no-preference"] = "no-preference",
        status: int = 200,
        zone: str | None = None,
    ) -> Iterator[Page]:
        """The page at `path` in a window of its own, until the block ends.

        Fails when the page wrote an error on the console, threw one, asked for something that
        its policy forbids or that is not there, or asked another host; `status` is what the
        page itself is answered with, `zone` the time zone of the browser.
        """
        context = self.browser.new_context(
            storage_state=self.cookies,
            color_scheme=scheme,
            reduced_motion=motion,
            timezone_id=zone,
            viewport={"width": size[0], "height": size[1]},
        )
        context.add_init_script(_WATCHING)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.extend(_bad(said)))
        page.on("pageerror", lambda error: complaints.extend([str(error)]))
        page.on("request", lambda asked: complaints.extend(self._foreign(asked.url)))
        try:
            answer = page.goto(self.url + path)
            assert answer is not None
            assert answer.status == status
            yield page
        finally:
            context.close()
        if status != 200:  # Chromium says so on the console
            complaints = [each for each in complaints if f"status of {status}" not in each]
        assert complaints == []

    def _foreign(self, url: str) -> list[str]:
        is_own = url.startswith((self.url + "/", "data:"))
        return [] if is_own else [f"asked {url}"]


def _bad(said: ConsoleMessage) -> list[str]:
    return [said.text] if said.type in ("error", "warning") else []


@contextmanager
def opened(chromium: str) -> Iterator[Browser]:
    """The browser whose executable `chromium` is, without a window, until the block ends."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


def signed_in(browser: Browser, server: Server, email: str = "") -> Visitor:
    """A visitor who went through a one-time link as a person does."""
    said = server.home.confab("serve", "users", "link", *([email] if email else [])).stdout
    context = browser.new_context()
    page = context.new_page()
    page.goto(said.split()[-1])
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(server.url + "/")
    cookies = context.storage_state()
    context.close()
    return Visitor(browser, server.url, json.loads(json.dumps(cookies)))


def accessibility_faults(page: Page, axe: str) -> list[str]:
    """What axe-core calls serious or critical, as `rule: selector` with what to do about it."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("async () => axe.run(document)")
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def expect_live(page: Page, *, seconds: float = 5) -> None:
    """Wait until the head of the page says that it is live, whatever sessions are called."""
    said = page.get_by_role("banner").get_by_text("Live", exact=True)
    expect(said).to_be_visible(timeout=seconds * 1000)


def scrolls_sideways(page: Page) -> bool:
    """Whether the page as a whole is wider than its window."""
    wider: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return wider
