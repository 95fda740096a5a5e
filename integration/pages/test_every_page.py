"""What is true of each page: it loads cleanly, fits, and can be used by everybody."""

import pytest

from integration.pages.browser import (
    NARROW,
    Scheme,
    Visitor,
    accessibility_faults,
    scrolls_sideways,
)
from integration.pages.catalogue import NAMES, OPEN, pages
from integration.pages.conftest import Seeded

SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", NAMES)
def test_no_serious_accessibility_fault(
    visitor: Visitor, seeded: Seeded, axe: str, name: str, scheme: Scheme
) -> None:
    with visitor.at(pages(seeded.sessions)[name], scheme=scheme, motion="reduce") as page:
        page.get_by_role("heading", level=1).wait_for()
        assert accessibility_faults(page, axe) == []


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", OPEN)
def test_no_serious_fault_before_signing_in(
    stranger: Visitor, axe: str, name: str, scheme: Scheme
) -> None:
    path, status = OPEN[name]
    with stranger.at(path, status=status, scheme=scheme) as page:
        assert accessibility_faults(page, axe) == []


@pytest.mark.parametrize("name", NAMES)
def test_narrow_screen_needs_no_scrolling_sideways(
    visitor: Visitor, seeded: Seeded, axe: str, name: str
) -> None:
    with visitor.at(pages(seeded.sessions)[name], size=NARROW, motion="reduce") as page:
        page.get_by_role("heading", level=1).wait_for()
        assert not scrolls_sideways(page)
        assert accessibility_faults(page, axe) == []


@pytest.mark.parametrize("name", NAMES)
def test_each_page_has_its_landmarks_and_a_title_of_its_own(
    visitor: Visitor, seeded: Seeded, name: str
) -> None:
    with visitor.at(pages(seeded.sessions)[name]) as page:
        assert page.get_by_role("banner").count() == 1
        assert page.get_by_role("main").count() == 1
        assert page.get_by_role("navigation", name="Pages").count() == 1
        assert page.get_by_role("heading", level=1).count() == 1
        assert page.title().endswith("· confab")
