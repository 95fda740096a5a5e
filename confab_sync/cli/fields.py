"""Fields of a state file, which others write: what is not of its kind counts as absent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def text(state: Mapping[str, Any], name: str) -> str:
    """A text; empty where there is none."""
    value = state.get(name)
    return value if isinstance(value, str) else ""


def number(state: Mapping[str, Any], name: str) -> int:
    """A number of things; 0 where there is none."""
    value = state.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        return 0
    return value


def numbers(state: Mapping[str, Any], name: str) -> dict[str, int]:
    """Numbers by their names."""
    value = state.get(name)
    return {key: number(value, key) for key in value} if isinstance(value, dict) else {}


def objects(state: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of a list."""
    value = state.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
