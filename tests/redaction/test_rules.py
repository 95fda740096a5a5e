"""The table of rules keeps to what the engines need."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module

import pytest

from confab_sync.redaction import shapes
from confab_sync.redaction.checks import CHECKS
from confab_sync.redaction.rule import Rule, without_possessives
from confab_sync.redaction.rules import RULES
from tests.redaction.maskers import engine

each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.type} {rule.pattern}")


def test_the_table_is_all_rules_of_all_families_each_once() -> None:
    families = [each.name for each in pkgutil.iter_modules(shapes.__path__)]
    rules = [rule for name in families for rule in import_module(f"{shapes.__name__}.{name}").RULES]
    assert len(families) > 1
    assert sorted(map(repr, RULES)) == sorted(map(repr, rules))


@each_rule
def test_each_type_is_one_that_the_server_counts(rule: Rule) -> None:
    """Contract §4.8."""
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", rule.type)


@each_rule
def test_each_rule_has_a_source_and_keywords_in_lower_case(rule: Rule) -> None:
    assert rule.source
    assert rule.keywords
    assert all(keyword == keyword.lower() for keyword in rule.keywords)


@each_rule
def test_each_rule_compiles_for_both_engines_with_the_group_it_names(rule: Rule) -> None:
    compiled = re.compile(rule.pattern.encode("latin-1"))
    assert rule.group <= compiled.groups
    list(engine("re2").finder([[rule.raw_trigger]]).lines(b"x"))
    assert not rule.check or rule.check == "after_curl" or rule.check in CHECKS
    assert bool(rule.lead) == bool(rule.lead_reach)


@each_rule
def test_no_rule_or_trigger_crosses_a_line_except_private_keys(rule: Rule) -> None:
    trigger = re.compile(rule.raw_trigger.encode("latin-1"))
    assert not trigger.search(b"\n")
    if rule.type != "PRIVATE_KEY":
        assert not re.compile(rule.linear_pattern.encode("latin-1")).search(b"\n" * 50)


def test_possessive_quantifiers_and_their_bounds_are_for_re_only() -> None:
    assert without_possessives(r"a++b*+c?+d{2}+e{2,5}+f{8,2000}+g+") == r"a+b*c?d{2}e{2,5}f{8,}g+"
