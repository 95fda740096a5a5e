"""JSON texts in every layout that a person or a program may give them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

WHITESPACE = ["", " ", "  ", "\t", "\n", "\r\n", "\n  ", "\r\n\t", " \n\n   "]


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value; names may be those that settings.json gives a meaning."""
    names = st.sampled_from(["hooks", "SessionStart", "model", "env", "é", ""]) | st.text(
        max_size=5
    )
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(min_value=-(2**80), max_value=2**80)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=8)
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=8,
    )


@st.composite
def json_texts(draw: st.DrawFn, values: st.SearchStrategy[Any] | None = None) -> str:
    """A value written with random whitespace wherever JSON allows some."""
    return laid_out(draw, draw(values if values is not None else json_values()))


def laid_out(draw: st.DrawFn, value: Any) -> str:
    """`value` as text with random whitespace around every token; sometimes a known style."""
    layout = draw(st.sampled_from(["random", "compact", "two", "four", "tabs", "crlf"]))
    if layout == "random":
        return _space(draw) + _random(draw, value) + _space(draw)
    if layout == "compact":
        return json.dumps(value, ensure_ascii=draw(st.booleans()), separators=(",", ":"))
    indent = {"two": "  ", "four": "    ", "tabs": "\t", "crlf": "  "}[layout]
    text = json.dumps(value, ensure_ascii=draw(st.booleans()), indent=indent)
    text += draw(st.sampled_from(["", "\n"]))
    return text.replace("\n", "\r\n") if layout == "crlf" else text


def _random(draw: st.DrawFn, value: Any) -> str:
    if isinstance(value, dict) and value:
        members = [
            f"{_space(draw)}{json.dumps(name)}{_space(draw)}:{_space(draw)}"
            f"{_random(draw, member)}{_space(draw)}"
            for name, member in value.items()
        ]
        return "{" + ",".join(members) + "}"
    if isinstance(value, list) and value:
        items = [f"{_space(draw)}{_random(draw, item)}{_space(draw)}" for item in value]
        return "[" + ",".join(items) + "]"
    if value == {} and isinstance(value, dict):
        return "{" + _space(draw) + "}"
    if value == [] and isinstance(value, list):
        return "[" + _space(draw) + "]"
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


def _space(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(WHITESPACE))
