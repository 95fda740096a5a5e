"""An address of the sessions page says all that is asked for, and nothing else is understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as some
from starlette.datastructures import QueryParams

from confab_sync.server.sessions_query import PAGE_SIZE, SessionsQuery
from confab_sync.store.selected import ORDERS, Wanted


def query(text: str) -> SessionsQuery:
    return SessionsQuery.of(QueryParams(text))


QUERIES = some.builds(
    SessionsQuery,
    text=some.text(max_size=20).map(str.strip),
    project=some.text(max_size=20),
    branch=some.text(max_size=20),
    state=some.sampled_from(["", "live", "quiet", "ended"]),
    since=some.sampled_from(["", "2026-03-01"]),
    order=some.sampled_from(ORDERS),
    reverse=some.booleans(),
    page=some.integers(1, 1000),
)


@given(QUERIES)
def test_address_leads_back_to_the_same(asked: SessionsQuery) -> None:
    assert query(urlsplit(asked.address).query) == asked


def test_empty_address_asks_for_the_newest() -> None:
    asked = query("")
    assert asked.wanted == Wanted()
    assert not asked.is_narrowed
    assert (asked.order, asked.descending, asked.offset) == ("moment", True, 0)
    assert asked.address == "/sessions"


def test_last_day_belongs_to_what_is_wanted() -> None:
    wanted = query("since=2026-03-01&until=2026-03-02").wanted
    assert wanted.since == datetime(2026, 3, 1, tzinfo=UTC)
    assert wanted.until == datetime(2026, 3, 3, tzinfo=UTC)


def test_nonsense_is_passed_over() -> None:
    asked = query("since=yesterday&until=2026-13-01&state=odd&order=id;drop&page=-1&reverse=x")
    assert asked == SessionsQuery()
    assert query("page=0").page == query("page=²").page == 1
    assert query("page=" + "9" * 5000).page == 1
    assert query("page=999999999").offset <= 100_000
    assert query("since=9999-12-31&until=9999-12-31").wanted == Wanted()


def test_second_choice_of_an_order_turns_it_round() -> None:
    asked = query("q=x&page=3")
    names = query(urlsplit(asked.sorted_by("cwd")).query)
    assert (names.order, names.descending, names.page, names.text) == ("cwd", False, 1, "x")
    turned = query(urlsplit(names.sorted_by("cwd")).query)
    assert (turned.order, turned.descending) == ("cwd", True)
    assert query(urlsplit(names.sorted_by("bytes")).query).descending


def test_pages_and_filters_lead_on() -> None:
    asked = query("project=%2Fapp&branch=main&page=2")
    assert asked.offset == PAGE_SIZE
    assert query(urlsplit(asked.at(3)).query).page == 3
    assert asked.without("project", "branch") == "/sessions"


def test_days_are_those_of_who_asks() -> None:
    zone = timezone(timedelta(hours=2))
    asked = SessionsQuery.of(QueryParams("since=2026-03-01&until=2026-03-01"), zone).wanted
    assert asked.since == datetime(2026, 2, 28, 22, tzinfo=UTC)
    assert asked.until == datetime(2026, 3, 1, 22, tzinfo=UTC)
