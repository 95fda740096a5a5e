"""What a person sees in the browser while Claude Code works."""

import re
import shlex
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from integration import requirements
from integration.claude_code.backends import Served
from integration.claude_code.namespace import LoopbackOnly
from integration.claude_code.transcripts import transcript_of
from integration.claude_code.workbench import Workbench
from integration.home import Home
from integration.pages.browser import Visitor, opened, signed_in

PROMPTS = ("hello again", "RUN echo spoken-by-$((6 * 7))", "RUN seq 1 2000", "the last word")

_NOTE_COUNTS = """
() => {
    const counter = document.querySelector("[data-line-count]");
    const count = () => Number(counter.textContent.replace(/\\D/g, ""));
    window.counts = [[count(), Date.now()]];
    new MutationObserver(() => window.counts.push([count(), Date.now()]))
        .observe(counter, {childList: true, characterData: true, subtree: true});
}
"""


@pytest.fixture
def visitor(namespace: LoopbackOnly, served: Served, tmp_path: Path) -> Iterator[Visitor]:
    """The owner of the server, with a browser in the clients' namespace."""
    wrapper = tmp_path / "chromium"
    inside = namespace.inside(requirements.chromium())
    wrapper.write_text(f'#!/bin/sh\nexec {shlex.join(inside)} "$@"\n')
    wrapper.chmod(0o755)
    with opened(str(wrapper)) as browser:
        yield signed_in(browser, served.server)


def test_every_line_of_a_session_comes_to_its_page_without_a_reload(
    claude: Path,
    namespace: LoopbackOnly,
    home: Home,
    tmp_path: Path,
    served: Served,
    visitor: Visitor,
) -> None:
    with Workbench.prepared(claude, namespace, home, tmp_path, served) as workbench:
        workbench.set_up()
        session = workbench.interactive()
        with visitor.at("/") as now:
            session.prompt("to be watched by a person")
            row = now.get_by_role("link", name=re.compile("to be watched"))
            expect(row).to_be_visible()
            address = row.get_attribute("href")
        assert address is not None
        with visitor.at(address) as page:
            page.evaluate(_NOTE_COUNTS)
            page.evaluate("window.untouched = true")
            with grown(transcript_of(workbench.home.claude, session.id)) as written:
                for prompt in PROMPTS:
                    session.prompt(prompt)
                # The timeline and the outline name it as well, and before or after.
                said = page.get_by_role("region", name="Conversation")
                expect(said.get_by_text("the last word").first).to_be_visible()
                expect(said.get_by_text("spoken-by-42").first).to_be_attached()
                until_all_are_shown(page, written)
            assert page.evaluate("window.untouched")
            delays = seconds_from_file_to_page(written, page.evaluate("window.counts"))
        print(f"{len(delays)} lines: shown after {min(delays):.2f} to {max(delays):.2f} s")
        session.exit()
        workbench.assert_all_is_well(session.id)


Counts = list[tuple[int, float]]
"""How many lines there were, and since which moment (wall clock, seconds)."""


@contextmanager
def grown(transcript: Path) -> Iterator[Counts]:
    """Notes each growth of a transcript until the block ends."""
    counts: Counts = [(transcript.read_bytes().count(b"\n"), time.time())]
    is_over = threading.Event()

    def look() -> None:
        while not is_over.wait(0.01):
            lines = transcript.read_bytes().count(b"\n")
            if lines > counts[-1][0]:
                counts.append((lines, time.time()))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield counts
    finally:
        is_over.set()
        looking.join()


def until_all_are_shown(page: Page, written: Counts) -> None:
    """Wait until the page counts as many lines as the file has."""
    expect(page.locator("[data-line-count]")).to_have_text(
        re.compile(f"^{written[-1][0]}$"), timeout=30_000
    )


def seconds_from_file_to_page(written: Counts, shown: list[list[Any]]) -> list[float]:
    """For each line written while the page was open: how long until the page counted it."""
    first = written[0][0]
    delays = []
    for line in range(first + 1, written[-1][0] + 1):
        there = next(moment for count, moment in written if count >= line)
        seen = next(moment / 1000 for count, moment in shown if count >= line)
        delays.append(seen - there)
    assert delays, "nothing was written while the page was open"
    return delays
