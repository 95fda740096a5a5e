"""Finding the secrets in one text, under however many layers of escapes they are."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any

from confab_sync.redaction import names
from confab_sync.redaction.checks import CHECKS
from confab_sync.redaction.engine import BudgetExceeded, Sought
from confab_sync.redaction.giving_up import TOO_COMPLEX, everything
from confab_sync.redaction.jsonvalue import BYTE_ORDER_MARK, is_json, keys, scalars
from confab_sync.redaction.literal import literal
from confab_sync.redaction.named import TYPE, named_values
from confab_sync.redaction.parts import inside_strings
from confab_sync.redaction.spans import Span, merged
from confab_sync.redaction.views import BARRIER, View

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confab_sync.redaction.custom import CustomRule
    from confab_sync.redaction.engine import Engine
    from confab_sync.redaction.jsonvalue import Scalar
    from confab_sync.redaction.rule import Rule

DEEPEST = 5
"""Layers of escapes that are taken off: JSON in a string of JSON, and so on."""

_CURL = re.compile(rb"\b(?:curl|wget|https?|xh|mosquitto_\w+)\b(?:[^\n\x00;|&]|\\\n)*\Z")
_CURL_REACH = 400
_BEFORE_JSON = BYTE_ORDER_MARK + b" \t\r\n"
_OPENING = (b"{", b"[", b'"')


class Scanner:
    """Looks for secrets by shape (`rules`), by name when `by_name`, and by the user's patterns."""

    def __init__(
        self, engine: Engine, rules: Sequence[Rule], custom: Sequence[CustomRule], *, by_name: bool
    ) -> None:
        self._rules = tuple(rules)
        self._leads = [
            re.compile(b"(?:%s)\\Z" % rule.lead.encode()) if rule.lead else None for rule in rules
        ]
        self._custom = tuple(custom)
        shapes = [Sought(rule.pattern, rule.keywords) for rule in rules]
        anywhere = (names.ANYWHERE, names.ENVIRONMENT) if by_name else ()
        named = [Sought(pattern, hint=names.HINT, reach=names.HINT_REACH) for pattern in anywhere]
        structural = (
            [Sought(names.STRUCTURAL, hint=names.HINT, reach=names.HINT_REACH)] if by_name else []
        )
        self._shapes = engine.matcher(shapes)
        self._anything = engine.matcher([*shapes, *named])
        self._structural = engine.matcher(structural)
        pem = [Sought(rule.pattern, rule.keywords) for rule in rules if _is_pem(rule)]
        self._pem = engine.matcher(pem)

    def spans(self, text: bytes) -> list[Span]:
        """Where the secrets of `text` are: a line, or a whole JSON file."""
        try:
            return merged(self._search(text), text)
        except BudgetExceeded:
            return everything(text)

    def shapes(self, text: bytes) -> list[Span]:
        """Where the secrets are that are known by their shape, read without any escapes."""
        try:
            view = View(text)
            found = (self._by_shape(view, *each) for each in self._shapes.matches(text))
            return merged(chain.from_iterable(found), text)
        except BudgetExceeded:
            return [Span(0, len(text), TOO_COMPLEX)]

    def private_keys(self, text: bytes) -> list[Span]:
        """Where private keys are that go over several lines."""
        found = []
        for _, match in self._pem.matches(text):
            start, end = match.span()
            if text.find(b"\n", start, end) >= 0:
                found.append(Span(start, end, "PRIVATE_KEY"))
        return found

    def _search(self, text: bytes) -> Iterator[Span]:
        view = View(text)
        structured = text.lstrip(_BEFORE_JSON)[:1] in _OPENING and is_json(text)
        read = self._in_structure if structured else self._in_text
        yield from read(view)
        if spelled := view.spelled_out():
            yield from read(spelled)
        if not structured:
            yield from self._by_pattern(view)
        while view.depth < DEEPEST and (b"\\" in view.data or (structured and not view.depth)):
            outer, view = view, view.unescaped()
            if outer.depth and outer.data == view.data:
                break  # these backslashes escape nothing: all further views are the same
            yield from self._in_text(view)
            if spelled := view.spelled_out():
                yield from self._in_text(spelled)
            if structured and view.depth == 1:
                yield from self._by_pattern(view)

    def _in_structure(self, view: View) -> Iterator[Span]:
        """What the names in JSON itself tell of; its strings are for the next view."""
        after = 0
        for _, match in self._structural.matches(view.data):
            if match.start() >= after:
                found, after = self._by_name(view, match.start(), only_json=True)
                yield from found
        yield from self._by_field(view)

    def _in_text(self, view: View) -> Iterator[Span]:
        after: dict[int, int] = {}
        for number, match in self._anything.matches(view.data):
            if number < len(self._rules):
                yield from self._by_shape(view, number, match)
            elif match.start() >= after.get(number, 0):
                found, after[number] = self._by_name(view, match.start(), only_json=False)
                yield from found
        yield from self._by_field(view)

    def _by_shape(self, view: View, number: int, match: Any) -> Iterator[Span]:
        """The secret in one match of a rule, in the original text."""
        rule = self._rules[number]
        start, end = match.span(rule.group)
        lead = self._leads[number]
        if lead is not None:
            before = lead.search(view.data, max(0, start - rule.lead_reach), start)
            if before is None:
                return
            start = before.start()
        end -= rule.tail
        if start >= 0 and self._holds(rule, view.data, start, end):
            for first, last in inside_strings(view, start, end):
                yield Span(view.position(first), view.position(last), rule.type)

    def _holds(self, rule: Rule, data: bytes, start: int, end: int) -> bool:
        if rule.check == "after_curl":
            before = data[max(0, start - _CURL_REACH) : start]
            return bool(_CURL.search(before)) and literal(data[start:end])
        return not rule.check or CHECKS[rule.check](data[start:end])

    def _by_name(self, view: View, start: int, *, only_json: bool) -> tuple[list[Span], int]:
        """The secrets after a telling name, in the original text, and where to look on."""
        found, after = named_values(view.data, start, only_json=only_json)
        return [_named(view, *each, TYPE) for each in found], after

    def _by_field(self, view: View) -> Iterator[Span]:
        """Spans by the user's field patterns, in the original text."""
        rules = [rule for rule in self._custom if rule.field is not None]
        if not rules:
            return
        for key, start in keys(view.data):
            for rule in rules:
                if not rule.field.search(key):
                    continue
                for value in scalars(view.data, start)[0]:
                    yield from _by_field_rule(view, value, rule)

    def _by_pattern(self, view: View) -> Iterator[Span]:
        """Spans by the user's patterns: in each string of JSON, else in all of the text."""
        rules = [rule for rule in self._custom if rule.field is None]
        if not rules:
            return
        strings = view.data.split(BARRIER) if view.depth else [view.data]
        start = 0
        for number, text in enumerate(strings):
            if number % 2 or not view.depth:
                for rule in rules:
                    for first, last in rule.within(text):
                        places = view.position(start + first), view.position(start + last)
                        yield Span(*places, rule.type)
            start += len(text) + 1


def _by_field_rule(view: View, value: Scalar, rule: CustomRule) -> Iterator[Span]:
    if rule.pattern is None:
        yield _named(view, value.start, value.end, value.kind != "string", rule.type)
    elif value.kind == "string":
        for first, last in rule.within(view.data[value.start : value.end]):
            yield _named(view, value.start + first, value.start + last, False, rule.type)


def _named(view: View, start: int, end: int, bare: bool, kind: str) -> Span:
    quote = b""
    if bare:
        quote = b'"'
        for _ in range(view.depth):
            quote = quote.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return Span(view.position(start), view.position(end), kind, quote, named=True)


def _is_pem(rule: Rule) -> bool:
    return rule.type == "PRIVATE_KEY" and "BEGIN" in rule.pattern
