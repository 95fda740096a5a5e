"""The masker that config.json asks for."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from confab_sync.errors import ConfigError
from confab_sync.redaction import names
from confab_sync.redaction.custom import custom_rule
from confab_sync.redaction.engine import EveryLine
from confab_sync.redaction.masker import Masker
from confab_sync.redaction.openings import opening
from confab_sync.redaction.rule import without_possessives
from confab_sync.redaction.rules import RULES
from confab_sync.redaction.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from confab_sync.redaction.custom import CustomRule
    from confab_sync.redaction.engine import Engine

_ESCAPED_ASCII = r"\\u00[2-7][0-9a-fA-F]"
"""What could be written plainly and is not; it may hide anything."""


def masker_from(
    redaction: Mapping[str, object] | None, *, engine: Engine | None = None
) -> Masker | None:
    """The masker for the `redaction` object of config.json (contract §4.1).

    None or nothing means the default rules; None comes back only when `enabled` is false.
    Raises `ConfigError` for what cannot be understood or compiled, or needs google-re2 where
    there is none: then nothing may be sent.
    """
    stated = redaction or {}
    if not _flag(stated, "enabled"):
        return None
    engine = engine or default_engine()
    patterns = stated.get("patterns")
    if patterns is None:
        patterns = []
    if not isinstance(patterns, (list, tuple)):
        raise ConfigError("redaction.patterns should be a list of objects")
    custom = []
    for number, each in enumerate(patterns, start=1):
        if not isinstance(each, dict):
            raise ConfigError("redaction.patterns should be a list of objects")
        custom.append(custom_rule(number, each, engine))
    return build(engine, custom, use_defaults=_flag(stated, "use_default_patterns"))


def build(engine: Engine, custom: Sequence[CustomRule], *, use_defaults: bool = True) -> Masker:
    """A masker with the default rules or without them, and with the user's."""
    rules = RULES if use_defaults else ()
    scanner = Scanner(engine, rules, custom, by_name=use_defaults)
    if custom:  # what a pattern of the user's looks like in undecoded text cannot be told
        return Masker(scanner, EveryLine())
    shapes = [*(rule.raw_trigger for rule in rules), _ESCAPED_ASCII]
    named = map(without_possessives, names.RAW_TRIGGERS)
    openings = [*(opening(rule) for rule in rules), _ESCAPED_ASCII]
    return Masker(scanner, engine.finder((shapes, named), openings))


def default_engine() -> Engine:
    """google-re2 where it is installed, else `re`."""
    if importlib.util.find_spec("re2"):
        from confab_sync.redaction.re2_engine import Re2Engine

        return Re2Engine()
    from confab_sync.redaction.re_engine import ReEngine

    return ReEngine()


def _flag(stated: Mapping[str, object], key: str) -> bool:
    value = stated.get(key)
    if value is None:
        return True
    if not isinstance(value, bool):
        raise ConfigError(f"redaction.{key} should be true or false")
    return value
