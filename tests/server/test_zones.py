"""Days are those of who looks; a zone that nobody knows is as if it had not been told."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from confab_sync.server.zones import named

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("Asia/Kathmandu", "Asia/Katmandu")
"""What the zone is called, and what browsers call it."""


@pytest.fixture
def bare_machine() -> Iterator[None]:
    """One that has no time zones of its own, as small containers do."""
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.parametrize("name", NAMES)
def test_zone_of_a_browser_is_known(name: str) -> None:
    assert datetime(2026, 7, 1, tzinfo=named(name)).strftime("%z") == "+0545"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("bare_machine")
def test_zone_is_known_where_the_system_knows_none(name: str) -> None:
    assert datetime(2026, 7, 1, tzinfo=named(name)).strftime("%z") == "+0545"


@pytest.mark.parametrize(
    "name", ["", "Nowhere/City", "../../etc/passwd", "/etc/passwd", "Europe", "a" * 5000, "\0", "ü"]
)
def test_what_is_no_zone_is_utc(name: str) -> None:
    assert named(name) is UTC
