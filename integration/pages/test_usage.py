"""The usage page counts what the transcripts say."""

import random
from datetime import UTC, datetime

from playwright.sync_api import expect

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


def test_period_that_there_is_none_of_is_the_usual_one(visitor: Visitor) -> None:
    with visitor.at("/usage?days=nonsense") as page:
        expect(page.get_by_role("link", name="30 days")).to_have_attribute("aria-current", "true")
