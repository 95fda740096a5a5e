"""The user's own patterns, as config.json states them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confab_sync.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from confab_sync.redaction.engine import Engine

_NOT_IN_A_TYPE = re.compile(r"[^A-Z0-9_]")


@dataclass(frozen=True, slots=True)
class CustomRule:
    """One pattern of the user (contract §4.8).

    `pattern` is looked for in every string, or, with `field`, in the strings under the keys
    that `field` matches; without `pattern`, all of what stands under them is masked.
    """

    type: str
    pattern: Any
    field: Any
    group: int

    def within(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where in `text` the secrets are, as `pattern` sees them."""
        for match in self.pattern.finditer(text):
            start, end = match.span(self.group)
            if 0 <= start < end:
                yield start, end


def custom_rule(number: int, stated: Mapping[str, object], engine: Engine) -> CustomRule:
    """The compiled form of entry `number` (from 1) of redaction.patterns.

    Raises `ConfigError` for what cannot be compiled, or not safely without google-re2.
    """
    name = str(stated.get("name") or f"number {number}")
    pattern = _text(stated, "pattern", name)
    field = _text(stated, "field_pattern", name)
    if not pattern and not field:
        raise ConfigError(f"redaction pattern '{name}' has neither pattern nor field_pattern")
    kind = _NOT_IN_A_TYPE.sub("_", (_text(stated, "type", name) or "custom").upper())
    compiled = _compiled(pattern, name, engine) if pattern else None
    group = stated.get("capture_group") or 0
    if not isinstance(group, int) or group < 0:
        raise ConfigError(f"redaction pattern '{name}': capture_group should be a number from 0")
    if compiled is not None and group > compiled.groups:
        raise ConfigError(f"redaction pattern '{name}' has no capture group {group}")
    return CustomRule(
        type=kind if kind[0].isalpha() else f"X{kind}",
        pattern=compiled,
        field=_compiled(field, name, engine) if field else None,
        group=group,
    )


def _text(stated: Mapping[str, object], key: str, name: str) -> str:
    value = stated.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ConfigError(f"redaction pattern '{name}': {key} should be a string")
    return value


def _compiled(pattern: str, name: str, engine: Engine) -> Any:
    try:
        return engine.custom(pattern)
    except ValueError as error:
        raise ConfigError(f"redaction pattern '{name}' cannot be used: {error}") from error
