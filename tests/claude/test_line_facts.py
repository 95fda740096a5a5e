"""Lines tell when something was last said, and which pull requests came of it (contract §3.4)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.line_facts import PullRequest, facts

LATEST = datetime(2026, 1, 10, tzinfo=UTC)


def parse(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def line(**fields: object) -> str:
    return json.dumps(fields)


def test_newest_moment_that_is_not_too_late_counts() -> None:
    lines = [
        line(timestamp="2026-01-01T00:00:00Z"),
        line(timestamp="2026-01-03T00:00:00Z"),
        line(timestamp="2026-01-02T00:00:00Z"),
        line(timestamp="2026-01-11T00:00:00Z"),
        line(message={"timestamp": "2026-01-09T00:00:00Z"}),
        line(timestamp=None),
        line(timestamp=["2026-01-09T00:00:00Z"]),
        '{"timestamp":"2026-01-09T00:00:00Z"',
        '["timestamp"]',
    ]
    assert facts(lines, parse, LATEST).newest == datetime(2026, 1, 3, tzinfo=UTC)


@given(st.lists(st.text(max_size=20).map(lambda text: '{"timestamp"' + text)))
def test_no_line_is_too_odd(lines: list[str]) -> None:
    assert facts(lines, parse, LATEST).pull_requests == ()


def test_deep_line_says_nothing() -> None:
    deep = '{"timestamp":' + "[" * 100_000
    assert facts([deep], parse, LATEST).newest is None


def test_pull_request_has_to_agree_with_itself() -> None:
    url = "https://github.com/acme/app/pull/12"
    good = {"type": "pr-link", "prRepository": "acme/app", "prNumber": 12, "prUrl": url}
    wrong: list[dict[str, object]] = [
        {"prNumber": 13},
        {"prRepository": "acme/other"},
        {"prUrl": "https://example.com/acme/app/pull/12"},
        {"prUrl": 7},
        {"type": "user"},
    ]
    assert facts([line(**good)], parse, LATEST).pull_requests == (
        PullRequest(url, "acme", "app", "12"),
    )
    bad = [line(**{**good, **change}) for change in wrong]
    assert facts(bad, parse, LATEST).pull_requests == ()
