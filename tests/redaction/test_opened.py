"""No match is passed over for want of an opening, however crowded those are."""

from __future__ import annotations

import random

from bench.hard_lines import hard_lines
from confab_sync.redaction.configured import build
from confab_sync.redaction.openings import opening
from confab_sync.redaction.rules import RULES
from tests.redaction.corpus import positives
from tests.redaction.maskers import engine, thorough


def test_a_long_repetition_ends_an_opening_and_is_shortened_in_a_group() -> None:
    openings = {rule.raw_trigger: opening(rule) for rule in RULES}
    assert openings["sk-ant-[A-Za-z0-9_-]{20,}"] == "sk-ant-[A-Za-z0-9_-]{2}"
    assert openings["(?:ntn_[A-Za-z0-9]{40,}|secret_[A-Za-z0-9]{43})"] == (
        "(?:ntn_[A-Za-z0-9]{2,}|secret_[A-Za-z0-9]{2,})"
    )
    assert openings[r"s\.[A-Za-z0-9]{24}"] == r"s\.[A-Za-z0-9]{12}"


def test_what_is_crowded_is_masked_as_if_every_line_were_read() -> None:
    masker = build(engine("re2"), ())
    rng = random.Random(7)
    texts = [text for _, _, text in positives.shaped(rng) + positives.named(rng)]
    keywords = [keyword for rule in RULES for keyword in rule.keywords]
    for _ in range(100):
        parts = rng.choices(texts, k=2) + rng.choices(keywords, k=rng.randrange(20))
        rng.shuffle(parts)
        line = rng.choice((" ", "-", "", "\t")).join(parts).encode()
        assert masker.mask_lines(line) == thorough("re2").mask_lines(line)


def test_a_crowd_of_beginnings_is_masked_within_a_line_that_is_short() -> None:
    line = dict(hard_lines())["every prefix, at random"](3000)
    assert build(engine("re2"), ()).mask_lines(line) == thorough("re2").mask_lines(line)
