"""The usage page counts what the transcripts say."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from integration.pages.browser import Visitor
from integration.pages.conftest import Seeded
from integration.pages.seeding import GoClient, conversation


def test_every_project_and_model_is_there_with_a_table_behind_the_plots(visitor: Visitor) -> None:
    with visitor.at("/usage?days=365") as page:
        for project in ("acme/billing", "acme/site", "ann/lexer", "ann/notes"):
            expect(page.get_by_role("link", name=project)).to_be_visible()
        expect(page.get_by_role("row", name="opus 4.5")).to_be_visible()
        assert page.get_by_role("img").count() == 3
        page.get_by_text("The numbers as a table").click()
        table = page.get_by_role("region", name="Use by day")
        expect(table.get_by_role("row").nth(1)).to_be_visible()


def test_new_turns_are_counted_without_reload(visitor: Visitor, seeded: Seeded) -> None:
    with visitor.at("/usage?days=7") as page:
        turns = page.locator(".totals dd").nth(1)
        before = int(turns.inner_text().replace("\u202f", ""))
        rows = conversation("Count me", 3, datetime.now(UTC), random.Random(1))
        with GoClient(seeded.server.url, seeded.key, "workbench") as client:
            client.upload(rows, title="Count me", ends=True)
        expect(turns).to_have_text(str(before + 3), timeout=30_000)


def test_what_somebody_reads_goes_on_and_keeps_its_focus(visitor: Visitor, seeded: Seeded) -> None:
    with visitor.at("/usage?days=7") as page:
        summary = page.get_by_text("The numbers as a table")
        summary.click()
        turns = page.locator(".totals dd").nth(1)
        before = int(turns.inner_text().replace("\u202f", ""))
        rows = conversation("Count me, too", 2, datetime.now(UTC), random.Random(5))
        with GoClient(seeded.server.url, seeded.key, "workbench") as client:
            client.upload(rows, title="Count me, too", ends=True)
        expect(turns).to_have_text(str(before + 2), timeout=30_000)
        expect(summary).to_be_focused()
        expect(page.get_by_role("region", name="Use by day")).to_be_visible()


def test_period_that_there_is_none_of_is_the_usual_one(visitor: Visitor) -> None:
    with visitor.at("/usage?days=nonsense") as page:
        expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Asia/Kathmandu", "Pacific/Pago_Pago"])
def test_days_are_those_of_who_looks(visitor: Visitor, seeded: Seeded, zone: str) -> None:
    now = datetime.now(ZoneInfo(zone))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2)
    rows = [
        *conversation("Late", 1, midnight - timedelta(seconds=100), random.Random(2)),
        *conversation("Early", 2, midnight, random.Random(3)),
    ]
    with visitor.at("/usage?days=7", zone=zone) as page:
        # The first answer does not know the browser's zone yet, the stream does.
        expect(page.get_by_text("Days are those of your time zone")).to_be_visible()
        late, early = (_turns(page, day.date()) for day in (midnight - timedelta(days=1), midnight))
        counted = [int(each.text_content() or 0) if each.count() else 0 for each in (late, early)]
        with GoClient(seeded.server.url, seeded.key, "workbench") as client:
            client.upload(rows, title="Around midnight", ends=True)
        expect(late).to_have_text(str(counted[0] + 1), timeout=30_000)
        expect(early).to_have_text(str(counted[1] + 2))


def _turns(page: Page, day: date) -> Locator:
    """The turns of a day in the table, which need not be open."""
    table = page.get_by_role("region", name="Use by day", include_hidden=True)
    row = table.locator("tr", has_text=f"{day:%a} {day.day} {day:%b %Y}")
    return row.locator("td").nth(1)
