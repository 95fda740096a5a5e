"""Looking where keys begin finds what looking for the whole of each finds."""

from __future__ import annotations

import random

import pytest
import re2

from confab_sync.redaction.engine import Sought
from confab_sync.redaction.rule import without_possessives
from confab_sync.redaction.rules import RULES
from tests.redaction.corpus import positives
from tests.redaction.maskers import engine


def test_every_match_in_a_crowd_is_found_by_its_beginning() -> None:
    patterns = [Sought(rule.pattern, rule.keywords) for rule in RULES]
    matcher = engine("re2").matcher(patterns)
    alone = [re2.compile(without_possessives(each.pattern)) for each in patterns]
    rng = random.Random(11)
    texts = [text for _, _, text in positives.shaped(rng)]
    for separator in (" ", "-", "", "é"):
        data = separator.join(rng.choices(texts, k=60)).encode()
        wanted = [
            (number, match.span())
            for number, pattern in enumerate(alone)
            for match in pattern.finditer(data)
        ]
        assert [(number, match.span()) for number, match in matcher.matches(data)] == wanted


@pytest.mark.timeout(60)
def test_few_patterns_that_all_begin_in_a_text_leave_nothing_to_look_for() -> None:
    few = [Sought(rule.pattern, rule.keywords) for rule in RULES[:3]]
    data = " ".join(keyword for each in few for keyword in each.keywords).encode()
    assert engine("re2").matcher(few).matches(data * 100) is not None
