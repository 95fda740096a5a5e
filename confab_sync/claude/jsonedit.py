"""Minimal edits of a JSON text: what is not edited keeps its bytes.

Insertions follow the style of the text around them, and `without` takes out exactly
what `appended` put in, so that the two together change nothing.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from confab_sync.claude.jsonvalues import Document, Member, Value

_NEWLINE = re.compile(rb"\r\n|\n|\r")
_INDENT = re.compile(rb"[ \t]*")


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is laid out; `indent` is one level of it, None when all is on one line."""

    newline: str
    indent: str | None
    comma: str
    colon: str


PLAIN = Style(newline="\n", indent="  ", comma=", ", colon=": ")
"""How Claude Code itself writes settings.json."""


def style_of(document: Document) -> Style:
    """The style of a text, told from its first member or item, else `PLAIN`."""
    data, children = document.data, document.root.children
    found = _NEWLINE.search(data)
    newline = found[0].decode() if found else PLAIN.newline
    if not children:
        return Style(newline, PLAIN.indent, PLAIN.comma, PLAIN.colon)
    lead = data[document.root.start + 1 : children[0].start]
    indent = _last_line(lead).decode() if _NEWLINE.search(lead) else None
    colon, comma = PLAIN.colon, PLAIN.comma
    if isinstance(first := children[0], Member):
        between = data[first.key.end : first.value.start]
        if not _NEWLINE.search(between):
            colon = between.decode()
            comma = "," + (" " if colon.endswith(" ") else "")
    if indent is None and len(children) > 1:
        between = data[children[0].end : children[1].start]
        comma = comma if _NEWLINE.search(between) else between.decode()
    return Style(newline, indent, comma, colon)


def rendered(value: object, style: Style, base: str = "") -> bytes:
    """`value` as JSON in this style; lines after the first are indented by `base` as well."""
    if style.indent is None:
        text = json.dumps(value, ensure_ascii=False, separators=(style.comma, style.colon))
    else:
        text = json.dumps(
            value, ensure_ascii=False, indent=style.indent, separators=(",", style.colon)
        )
        text = text.replace("\n", style.newline + base)
    return text.encode("utf-8")


def appended(document: Document, container: Value, value: object, name: str = "") -> bytes:
    """The text with `value` as last item of an array, or as last member `name` of an object."""
    data, style = document.data, style_of(document)
    last = container.children[-1] if container.children else None
    if last is None:
        base = _indent_of_line(data, container.start)
        inner = base + (style.indent or "")
        opening = style.newline + inner if style.indent is not None else ""
        closing = style.newline + base if style.indent is not None else ""
        element = _element(container, value, name, style, inner)
        filling = opening.encode() + element + closing.encode()
        return data[: container.start + 1] + filling + data[container.end - 1 :]
    lead = data[: last.start]
    lead = lead[len(lead.rstrip(b" \t\r\n")) :]
    if _NEWLINE.search(lead):
        indent = PLAIN.indent if style.indent is None else style.indent
        style, inner = replace(style, indent=indent), _last_line(lead).decode()
        separator = "," + style.newline + inner
    else:
        style, inner = replace(style, indent=None), ""
        separator = style.comma
    element = _element(container, value, name, style, inner)
    return data[: last.end] + separator.encode() + element + data[last.end :]


def without(
    document: Document, container: Value, child: Value | Member, emptied: str = ""
) -> bytes:
    """The text without one item or member; an emptied container keeps `emptied` in it."""
    data, children = document.data, container.children
    number = children.index(child)
    if len(children) == 1:
        start, end = container.start + 1, container.end - 1
        return data[:start] + emptied.encode() + data[end:]
    if number == 0:
        return data[: child.start] + data[children[1].start :]
    return data[: children[number - 1].end] + data[child.end :]


def replaced(document: Document, old: Value, new: object) -> bytes:
    """The text with the value `new` in the place of `old`, on as few lines as `old`."""
    data, style = document.data, style_of(document)
    if not _NEWLINE.search(data, old.start, old.end):
        style = replace(style, indent=None)
    element = rendered(new, style, _indent_of_line(data, old.start))
    return data[: old.start] + element + data[old.end :]


def _element(container: Value, value: object, name: str, style: Style, base: str) -> bytes:
    element = rendered(value, style, base)
    if container.kind == "array":
        return element
    return json.dumps(name, ensure_ascii=False).encode() + style.colon.encode() + element


def _indent_of_line(data: bytes, offset: int) -> str:
    line = _last_line(data[:offset])
    match = _INDENT.match(line)
    return match[0].decode() if match else ""


def _last_line(text: bytes) -> bytes:
    return _NEWLINE.split(text)[-1]
