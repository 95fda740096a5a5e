"""One session's page: read, followed, searched, taken away, and safe whatever is in it."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from integration.pages.archive import (
    Archive,
    call,
    hostile,
    long_session,
    result,
    row,
    text,
    working_day,
)
from integration.pages.browser import (
    NARROW,
    Visitor,
    accessibility_faults,
    expect_live,
    scrolls_sideways,
)
from integration.pages.conftest import Seeded
from integration.waiting import until

SOMETHING_TO_READ = """() => [...document.querySelectorAll(".loaded > article")].some((each) => {
    const box = each.getBoundingClientRect();
    return box.bottom > 100 && box.top < innerHeight;
})"""

TITLE = "The checkout pays twice"
MEGABYTES = 100


@pytest.fixture(scope="module")
def archive(seeded: Seeded) -> Iterator[Archive]:
    (path,) = seeded.server.home.path.rglob("store.db")
    opened = Archive(path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def day(archive: Archive) -> str:
    """The session of a working day that is over, with a subagent."""
    git_info = {"repo_url": "git@github.com:acme/shop.git", "branch": "main"}
    session_id, own = archive.put(
        *working_day(), title=TITLE, cwd="/home/ann/shop", hostname="atlas", git_info=git_info
    )
    archive.put(row("user", "Find other loops"), external_id=own, agent="a1")
    archive.end(session_id)
    return session_id


def line(page: Page, number: int) -> Locator:
    return page.locator(f"#L{number}")


def dialogs_of(page: Page) -> list[str]:
    """What the page says in dialogs from now on."""
    said: list[str] = []
    page.on("dialog", lambda dialog: said.append(dialog.message))
    return said


def is_at_end(page: Page) -> bool:
    at_end: bool = page.evaluate(
        "scrollY + innerHeight >= document.documentElement.scrollHeight - 2"
    )
    return at_end


def test_conversation_is_rendered_with_what_was_done(visitor: Visitor, day: str) -> None:
    with visitor.at(f"/sessions/{day}") as page:
        expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
        expect(line(page, 1).locator("strong")).to_have_text("why")
        expect(line(page, 6).locator(".code .h-k").first).to_have_text("def")
        tool = line(page, 4).locator("details.call")
        expect(tool).to_contain_text("Bash")
        expect(tool.locator(".badge.bad")).to_be_visible()
        assert tool.locator("pre").first.is_hidden()
        tool.locator("summary").click()
        expect(tool.get_by_text("src/payments.py:9")).to_be_visible()
        expect(page.locator("#L5")).to_be_visible()  # the result's own line can be linked to
        expect(page.get_by_role("link", name="4f2c9ab", exact=True)).to_have_attribute(
            "href", "https://github.com/acme/shop/commit/4f2c9ab"
        )
        expect(page.get_by_role("link", name="#412", exact=True)).to_be_visible()
        expect(page.locator(".timeline polyline")).to_be_attached()
        image = line(page, 12).locator("img")
        image.scroll_into_view_if_needed()
        page.wait_for_function("document.querySelector('#L12 img').naturalWidth === 120")


def test_subagent_is_a_branch_and_a_page(visitor: Visitor, day: str) -> None:
    with visitor.at(f"/sessions/{day}") as page:
        line(page, 7).locator("summary").first.click()
        line(page, 7).get_by_text("What subagent").click()
        expect(line(page, 7).get_by_text("Find other loops")).to_be_visible()
        line(page, 7).get_by_role("link", name="Open this subagent's page").click()
        expect(page.locator("#L1")).to_contain_text("Find other loops")
        assert "agent=a1" in page.url


def test_deep_link_leads_to_its_line(visitor: Visitor, day: str) -> None:
    for address in ("?line=110#L110", "#L110", "?line=110"):
        with visitor.at(f"/sessions/{day}{address}") as page:
            expect(line(page, 110)).to_be_in_viewport()
            expect(line(page, 110)).to_have_class(re.compile(r"\bhere\b"))
            page.evaluate("location.hash = '#L5'")
            expect(page.locator("#L5")).to_be_in_viewport()


def test_line_number_is_a_link_to_it(visitor: Visitor, day: str) -> None:
    with visitor.at(f"/sessions/{day}") as page:
        line(page, 3).locator(".line-number").click()
        assert page.url.endswith(f"/sessions/{day}?line=3#L3")
        with page.expect_popup() as opening:
            line(page, 3).get_by_role("link", name="raw").click()
        assert opening.value.locator("body").inner_text().startswith('{"type": "assistant"')


def test_page_is_used_by_keys(visitor: Visitor, day: str) -> None:
    with visitor.at(f"/sessions/{day}") as page:
        chosen = page.locator("article.here")
        page.keyboard.press("j")
        expect(chosen).to_have_attribute("data-line", "1")
        page.keyboard.press("j")
        expect(chosen).to_have_attribute("data-line", "2")
        page.keyboard.press("J")
        expect(chosen).to_have_attribute("data-line", "9")
        page.keyboard.press("k")
        expect(chosen).to_have_attribute("data-line", "2")
        page.keyboard.press("o")
        expect(page.get_by_text("Look at the retries first.", exact=True).last).to_be_visible()
        page.keyboard.press("o")
        page.keyboard.press("G")
        expect(line(page, 132)).to_be_in_viewport()
        assert is_at_end(page)
        page.keyboard.press("g")
        page.keyboard.press("g")
        page.wait_for_function("scrollY === 0")
        page.keyboard.press("/")
        expect(page.get_by_role("searchbox", name="Search this session")).to_be_focused()


def test_everything_is_unfolded_and_folded(visitor: Visitor, day: str) -> None:
    with visitor.at(f"/sessions/{day}") as page:
        page.get_by_role("button", name="Unfold all").click()
        expect(page.get_by_text("src/payments.py:9")).to_be_visible()
        page.get_by_role("button", name="Fold all").click()
        expect(page.get_by_text("src/payments.py:9")).to_be_hidden()


def test_words_are_found_within_the_session(visitor: Visitor, day: str, seeded: Seeded) -> None:
    until(seeded.is_indexed, "the session being indexed")
    with visitor.at(f"/sessions/{day}") as page:
        search = page.get_by_role("searchbox", name="Search this session")
        search.fill('"step 33"')
        search.press("Enter")
        expect(page.locator("[data-find-count]")).to_have_text("1 of 1")
        expect(page.get_by_text("Step 33 of the rest").last).to_be_in_viewport()
        search.fill("payments")
        search.press("Enter")
        expect(page.locator("[data-find-count]")).to_have_text("1 of 2")
        search.blur()
        page.keyboard.press("n")
        expect(page.locator("#L5")).to_be_in_viewport()
        panel = page.locator("[data-found]").bounding_box()
        place = page.locator("#L5").bounding_box()
        assert panel is not None
        assert place is not None
        assert place["y"] >= panel["y"] + panel["height"]  # what was found is not behind it


def test_session_is_taken_away(visitor: Visitor, day: str) -> None:
    with visitor.at(f"/sessions/{day}") as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.get_by_role("button", name="Copy resume command").click()
        page.wait_for_function("navigator.clipboard.readText().then((t) => t.includes('claude'))")
        copied = page.evaluate("navigator.clipboard.readText()")
        assert re.fullmatch(r"cd /home/ann/shop && claude --resume [0-9a-f-]{36}", copied)
        for name, beginning in (
            ("Markdown", b"# The checkout"),
            ("transcript", b'{"type": "user"'),
        ):
            page.get_by_text("More", exact=True).click()
            with page.expect_download() as downloading:
                page.get_by_role("link", name=re.compile(f"Download.*{name}")).click()
            assert downloading.value.path().read_bytes().startswith(beginning)
            page.keyboard.press("Escape")


def test_session_is_deleted_after_a_question(visitor: Visitor, archive: Archive) -> None:
    session_id, _ = archive.put(row("user", "Delete me"), title="Delete me")
    with visitor.at(f"/sessions/{session_id}") as page:
        page.get_by_text("More", exact=True).click()
        page.get_by_role("link", name="Delete…").click()
        page.get_by_role("link", name="Keep it").click()
        expect(page.locator("#L1")).to_be_visible()
        page.go_back()
        page.get_by_role("button", name="Delete for good").click()
        expect(page.get_by_text("The session was deleted.")).to_be_visible()
        assert page.get_by_role("link", name="Delete me").count() == 0


def test_line_appears_without_reload(visitor: Visitor, archive: Archive) -> None:
    session_id, own = archive.put(*[row("user", f"Before {n}") for n in range(60)], title="Live")
    with visitor.at(f"/sessions/{session_id}") as page:
        page.evaluate("window.untouched = true")
        expect_live(page)
        expect(line(page, 60)).to_be_in_viewport()
        archive.put(
            row("assistant", [text("Now"), call("n1", "Bash", command="make")]), external_id=own
        )
        expect(line(page, 61)).to_be_in_viewport()
        archive.put(row("user", [result("n1", "made")]), external_id=own)
        expect(page.locator("[data-call=n1] .result")).to_be_attached()
        assert is_at_end(page)
        page.mouse.move(400, 500)
        page.mouse.wheel(0, -2000)
        expect(line(page, 61)).not_to_be_in_viewport()
        place = page.evaluate("scrollY")
        archive.put(row("user", "One"), row("user", "Two"), external_id=own)
        news = page.get_by_role("button", name="2 new lines")
        expect(news).to_be_visible()
        assert page.evaluate("scrollY") == place
        news.click()
        expect(line(page, 64)).to_be_in_viewport()
        archive.put(*[row("user", f"Many {n}") for n in range(300)], external_id=own)
        expect(line(page, 364)).to_be_in_viewport()
        assert page.evaluate("window.untouched")


def test_deletion_elsewhere_is_told(visitor: Visitor, archive: Archive) -> None:
    session_id, _ = archive.put(row("user", "Going"), title="Going")
    with (
        visitor.at(f"/sessions/{session_id}") as page,
        visitor.at(f"/sessions/{session_id}/delete") as other,
    ):
        expect_live(page)
        other.get_by_role("button", name="Delete for good").click()
        expect(page.get_by_role("button", name="This session was deleted")).to_be_visible()


def test_hostile_transcript_is_only_text(visitor: Visitor, archive: Archive) -> None:
    rows = hostile()
    evil = '"><script>window.pwned=9</script>\u202e'
    session_id, _ = archive.put(
        *rows, title=evil, cwd=f"/x/{evil}", hostname=evil, username=evil, git_info={"branch": evil}
    )
    for path in (f"/sessions/{session_id}", "/sessions", "/sessions?q=pwned"):
        with visitor.at(path) as page:
            dialogs = dialogs_of(page)
            if path.endswith(session_id):
                page.keyboard.press("O")
                expect(page.get_by_text("After the long line.").last).to_be_visible()
                assert page.locator("article img, article svg, article script").count() == 0
                links = page.locator("article a[href]").evaluate_all(
                    "(all) => all.map((each) => each.href)"
                )
                assert {urlsplit(link).hostname for link in links} <= {"127.0.0.1", "evil.example"}
                assert {urlsplit(link).scheme for link in links} <= {"http", "https"}
            else:
                expect(page.locator("[data-row]").first).to_be_visible()
            for each in page.get_by_text("pwned").all()[:20]:
                each.dispatch_event("mouseover")
            assert page.evaluate("window.pwned") is None
            seen = page.title() + page.locator("body").inner_text()
            assert "⟦U+202E⟧" in seen
            assert "\u202e" not in seen
            assert "\x1b" not in seen
            assert dialogs == []


def test_nothing_in_a_transcript_widens_a_narrow_screen(visitor: Visitor, archive: Archive) -> None:
    tool = "mcp__a_plugin_with_a_long_name__and_a_tool_with_a_longer_one_still"
    name = "directory-" * 40
    session_id, _ = archive.put(
        *hostile(),
        row("assistant", [call("t", tool, command=name)], 10),
        title=name,
        cwd=f"/{name}",
        git_info={"branch": name},
    )
    with visitor.at(f"/sessions/{session_id}", size=NARROW) as page:
        expect(page.get_by_text(tool).last).to_be_visible()
        assert not scrolls_sideways(page)


def test_what_is_written_from_right_to_left_is_read_so(visitor: Visitor, archive: Archive) -> None:
    session_id, _ = archive.put(row("user", "שלום (retry) עולם."), title="שלום (retry).")
    with visitor.at(f"/sessions/{session_id}") as page:
        for place in ("h1", "#L1 .prose p"):
            ends_left_of_its_beginning = page.locator(place).evaluate(
                """(element) => {
                    const text = element.firstChild;
                    const left = (at) => {
                        const range = new Range();
                        range.setStart(text, at);
                        range.setEnd(text, at + 1);
                        return range.getBoundingClientRect().left;
                    };
                    return left(text.length - 1) < left(0);
                }"""
            )
            assert ends_left_of_its_beginning, place


def test_no_serious_fault_in_what_is_long_and_unfolded(
    visitor: Visitor, archive: Archive, axe: str
) -> None:
    rows = [
        row("assistant", [call("c", "Bash", command="x")]),
        row("user", [result("c", "y\n" * 400)]),
    ]
    session_id, _ = archive.put(*rows, *hostile(), title="Much to scroll")
    with visitor.at(f"/sessions/{session_id}?line=1", size=NARROW, motion="reduce") as page:
        expect(page.locator("article.here")).to_be_visible()
        page.keyboard.press("O")
        expect(page.locator("[data-call=c]")).to_have_attribute("open", "")
        expect(page.locator("[data-call=c] .result pre")).to_have_attribute("tabindex", "0")
        assert accessibility_faults(page, axe) == []


def test_clock_tells_the_day_when_it_is_not_today(visitor: Visitor, day: str) -> None:
    with visitor.at(f"/sessions/{day}") as page:
        expect(line(page, 1).locator(".clock")).to_contain_text("Mar 1")


def test_timeline_is_made_anew_when_the_tab_is_seen_again(
    visitor: Visitor, archive: Archive
) -> None:
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    session_id, own = archive.put(row("user", "First"), title="Hidden")
    with visitor.at(f"/sessions/{session_id}") as page:
        expect_live(page)
        page.clock.install()
        archive.put(row("user", "Second"), external_id=own)
        expect(line(page, 2)).to_be_visible()
        page.evaluate(hide % "true" + tell)
        page.clock.run_for(10_000)
        page.evaluate(hide % "false" + tell)
        expect(page.get_by_role("list").get_by_role("link", name="Second")).to_be_visible()


def test_what_was_read_is_there_after_a_reload_and_on_the_way_back(
    visitor: Visitor, day: str
) -> None:
    with visitor.at(f"/sessions/{day}?line=20#L20") as page:
        expect(line(page, 20)).to_have_class(re.compile(r"\bhere\b"))
        page.evaluate("document.querySelector('#L90').scrollIntoView({block: 'center'})")
        page.reload()
        expect(line(page, 90)).to_be_in_viewport()
        page.get_by_role("link", name="Usage").click()
        page.wait_for_url("**/usage")
        page.go_back()
        expect(line(page, 90)).to_be_in_viewport()


def test_part_that_could_not_be_fetched_is_fetched_later(
    visitor: Visitor, archive: Archive
) -> None:
    session_id, _ = archive.put(*long_session(3), title="Away for a moment")
    with visitor.at(f"/sessions/{session_id}?line=1") as page:
        page.clock.install()
        page.evaluate(
            "() => { window.real = fetch; window.fetch = () => Promise.reject(new TypeError()); }"
        )
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        expect(page.get_by_role("button", name="try again").last).to_be_in_viewport()
        page.evaluate("() => { window.fetch = window.real; }")
        page.clock.run_for(4000)
        page.wait_for_function(SOMETHING_TO_READ)


def test_line_of_five_megabytes_is_folded_and_can_be_fetched(
    visitor: Visitor, archive: Archive
) -> None:
    session_id, _ = archive.put(*hostile(), title="A long line")
    with visitor.at(f"/sessions/{session_id}?line=9") as page:
        long = line(page, 9)
        expect(long).to_be_visible()
        assert len(long.inner_text()) < 20_000
        long.get_by_role("link", name="Show the rest").click()
        expect(long.get_by_role("link", name="more characters")).to_be_attached()
        assert len(long.text_content() or "") > 400_000


def test_hundred_megabytes_are_scrolled_and_jumped_through(
    visitor: Visitor, archive: Archive
) -> None:
    rows = long_session(MEGABYTES)
    session_id, _ = archive.put(*rows, title="A hundred megabytes")
    count = len(rows) // 3 * 3
    with visitor.at(f"/sessions/{session_id}?line=1") as page:
        expect(line(page, 1)).to_be_in_viewport()
        for wanted in (count // 2, count - 30, 40):
            page.get_by_label("Line", exact=True).fill(str(wanted))
            page.get_by_label("Line", exact=True).press("Enter")
            expect(page.locator(f"[data-line='{wanted}']").first).to_be_in_viewport()
        for _ in range(60):
            page.mouse.move(400, 500)
            page.mouse.wheel(0, 3000)
        expect(page.locator(".loaded article").first).to_be_attached()
        page.wait_for_function(SOMETHING_TO_READ)
        elements = page.evaluate("document.querySelectorAll('.talk *').length")
        assert elements < 40_000
        page.keyboard.press("G")
        last = len(rows) - (len(rows) % 3 == 0)  # a result is folded into its call
        expect(line(page, last)).to_be_in_viewport()
        expect(page.locator(".timeline")).to_be_visible(timeout=60_000)


def test_scrolling_back_does_not_jump(visitor: Visitor, archive: Archive) -> None:
    session_id, _ = archive.put(*long_session(3), title="Scrolled back")
    with visitor.at(f"/sessions/{session_id}?line=200") as page:
        expect(page.locator("[data-line='200']").first).to_be_in_viewport()
        page.mouse.move(400, 500)
        before: str | None = None
        for _ in range(25):
            seen = page.evaluate(
                """() => [...document.querySelectorAll('.loaded > article')]
                    .filter((each) => { const box = each.getBoundingClientRect();
                        return box.bottom > 120 && box.top < innerHeight; })
                    .map((each) => Number(each.dataset.line))"""
            )
            assert seen, "there is always something to read"
            if before is not None:
                assert min(seen) <= int(before)
            before = str(min(seen))
            page.mouse.wheel(0, -300)
            page.wait_for_timeout(80)
