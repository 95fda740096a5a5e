"""A bucket gives its burst at once and then as many tokens as time brings (contract §1.5)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.errors import RequestRefused
from confab_sync.server.rates import Buckets


class Ticker:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def granted(buckets: Buckets, key: object, tries: int) -> int:
    number = 0
    for _ in range(tries):
        with suppress(RequestRefused):
            buckets.take(key)
            number += 1
    return number


def test_burst_then_rate() -> None:
    ticker = Ticker()
    buckets = Buckets(0.5, 10, ticker)
    assert granted(buckets, "a", 20) == 10
    ticker.now += 3.9
    assert granted(buckets, "a", 20) == 1
    ticker.now += 1000
    assert granted(buckets, "a", 20) == 10


def test_keys_have_buckets_of_their_own() -> None:
    buckets = Buckets(1, 3, Ticker())
    assert granted(buckets, "a", 9) == 3
    assert granted(buckets, "b", 9) == 3


def test_refusal_says_when_the_next_token_is_there() -> None:
    ticker = Ticker()
    buckets = Buckets(0.1, 1, ticker)
    buckets.take("a")
    with pytest.raises(RequestRefused) as refused:
        buckets.take("a")
    assert refused.value.body == "Rate limit exceeded. Please try again later."
    ticker.now += float(refused.value.headers["Retry-After"])
    buckets.take("a")


@given(st.lists(st.floats(0, 10), max_size=30))
def test_never_more_than_burst_and_rate_allow(pauses: list[float]) -> None:
    ticker = Ticker()
    buckets = Buckets(2, 5, ticker)
    total = 0
    for pause in pauses:
        ticker.now += pause
        total += granted(buckets, "a", 50)
    assert total <= 5 + 2 * sum(pauses) + 1e-6


def test_full_buckets_are_forgotten() -> None:
    ticker = Ticker()
    buckets = Buckets(1, 2, ticker)
    for number in range(10_000):
        buckets.take(number)
    ticker.now += 5
    buckets.take("one more")
    assert len(buckets._levels) == 1
