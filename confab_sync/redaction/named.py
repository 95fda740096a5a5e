"""The secret values that stand after telling names in one reading of a text."""

from __future__ import annotations

import re

from confab_sync.redaction import judge, names, shell
from confab_sync.redaction.entropy import generated, mixed, unexplained
from confab_sync.redaction.jsonvalue import scalars
from confab_sync.redaction.judge import Strength

TYPE = "SENSITIVE_FIELD"
"""What names tell of, in the marker (contract §4.8)."""

Found = tuple[int, int, bool]
"""Where a value starts and ends, and whether it needs quotes of its own."""

_FORM = re.compile(
    (
        rf"(?P<name>{names.NAME})(?:(?P<json>(?={names.JSON}))|(?P<pair>{names.PAIR})"
        r"|(?P<attribute>[\"'][ \t]*+value=(?=[\"']))"
        r"|(?P<element>>[ \t\r\n]*+)(?=[^<\s\x00][^<\x00\n]{0,500}+[ \t\r\n]*+</)"
        r"|(?P<argument>[\"'][ \t]*+,[ \t]*+(?=[\"']))"
        rf"|(?:(?P<closed>(?:\\?[\"'`])?+)[)\]]?+(?P<gap>[ \t]*+)(?P<sign>{names.SIGN})"
        rf"|(?P<typed>{names.TYPED}))(?P<blank>[ \t]*+)(?=[^\s\x00=])"
        rf"|(?P<phrase>(?={names.PHRASE})))"
    ).encode("latin-1")
)
_SCHEMA = re.compile(
    rb'"(?:\$ref|properties|anyOf|oneOf|allOf|minLength|maxLength)"[ \t]*+:|"type"[ \t]*+:[ \t]*+'
    rb'[\["](?:string|object|array|number|integer|boolean|null)"'
)
"""What says that a value only describes what another value has to be (JSON Schema)."""
_TO_VALUE = re.compile(rb'"[ \t\r\n]*+:[ \t\r\n]*+')
_PREFIXED_QUOTE = re.compile(rb"(?:[fFrRbBuUL@$]{1,2}+(?=[\"']))?+(\"\"\"|'''|[\"'`])")
_QUOTED = {
    b'"': re.compile(rb'((?:[^"\\\x00\n]++|\\[^\x00\n])*+)'),
    b"'": re.compile(rb"((?:[^'\\\x00\n]++|\\[^\x00\n])*+)"),
    b"`": re.compile(rb"((?:[^`\\\x00\n]++|\\[^\x00\n])*+)"),
}
_TOKEN = re.compile(rb"[^\s\"'`\x00<>]++")
_BARE = re.compile(rb"[^\s\"'`\x00<>][^\s\"'`\x00<>,;)&|}\]\\]*+")
_ALL = re.compile(rb"[^\s\x00]++")
_ELEMENT = re.compile(rb"[^<\x00\n]++")
_PHRASE_GAP = re.compile(
    rb"[\"'`*]{0,2}+[ \t:=]*+(?:(?:is|was|to|of|as|for|value)[ \t:=]++)?+([\"'`*]{0,2}+)"
)


def named_values(data: bytes, start: int, *, only_json: bool) -> tuple[list[Found], int]:
    """The secrets after the telling name at `start`, and where to go on looking.

    With `only_json`, other ways of writing than JSON's are left alone.
    """
    form = _FORM.match(data, start)
    if form is None:
        return [], start + 1
    found, after = _values(data, form, only_json=only_json)
    while not found and not only_json:
        # What stands in the place of a value may be a name itself, and tell of another value.
        opening = _PREFIXED_QUOTE.match(data, form.end())
        form = _FORM.match(data, opening.end() if opening else form.end())
        if form is None:
            break
        found, end = _values(data, form, only_json=only_json)
        after = max(after, end)
    return found, after


def _values(data: bytes, form: re.Match[bytes], *, only_json: bool) -> tuple[list[Found], int]:
    """The secrets after one name, and where to go on looking."""
    prefix = names.prefix_of(data, form.start())
    name = form["name"]
    if names.means_something_else(prefix, name):
        return [], form.end()
    strength = names.strength_of(prefix, name)
    if form["json"] is not None:
        return _json(data, form.end("name"), strength=strength)
    if form["pair"] is not None:
        return _json_value(data, form.end() - 1, strength=strength)
    if only_json:
        return [], form.end()
    if form["attribute"] is not None:
        found = _quoted(data, form.end(), in_data=True, strength=strength)
    elif form["element"] is not None:
        value = _ELEMENT.match(data, form.end())
        found = _if(
            value, value is not None and judge.quoted_value(value.group(), strength=strength)
        )
    elif form["argument"] is not None:
        found = _quoted(data, form.end(), in_data=False, strength=Strength.WEAK)
    elif form["sign"] is not None or form["typed"] is not None:
        found = _assigned(data, form, prefix, strength=strength)
    else:
        found = _phrase(data, form, prefix, strength=strength)
    return found, max([form.end(), *(end for _, end, _ in found)])


def _json(data: bytes, after_name: int, *, strength: Strength) -> tuple[list[Found], int]:
    gap = _TO_VALUE.match(data, after_name)
    assert gap is not None  # noqa: S101
    return _json_value(data, gap.end(), strength=strength)


def _json_value(data: bytes, start: int, *, strength: Strength) -> tuple[list[Found], int]:
    values, end = scalars(data, start)
    is_schema = data[start : start + 1] == b"{" and _SCHEMA.search(data, start, end) is not None
    found: list[Found] = []
    for value in values:
        text = data[value.start : value.end]
        if is_schema:
            if value.kind == "string" and generated(text):
                found.append((value.start, value.end, False))
        elif value.kind == "string":
            if judge.field_value(text, strength=strength):
                found.append((value.start, value.end, False))
        elif value.kind == "subtree" or judge.number_value(text, strength=strength):
            found.append((value.start, value.end, True))
    return found, end


def _assigned(
    data: bytes, form: re.Match[bytes], prefix: bytes, *, strength: Strength
) -> list[Found]:
    """`name = value` in code, .env, YAML, INI, headers, shell, queries, connection strings."""
    start = form.end()
    if _PREFIXED_QUOTE.match(data, start):
        found = _quoted(data, start, in_data=bool(form["closed"]), strength=strength)
        typed = form["sign"] == b":" and not form["closed"]
        return [] if typed and any(judge.annotation(data[s:e]) for s, e, _ in found) else found
    name = prefix + form["name"]
    before = data[max(0, form.start() - len(prefix) - 64) : form.start() - len(prefix)]
    if (
        form["sign"] == b"="
        and not (form["blank"] or form["gap"])
        and not form["closed"]
        and name.upper() == name
        and shell.may_begin_here(before)
    ):
        value = _ALL.match(data, start)
        if value and _is_quote_free(value.group()):
            return _if(value, judge.environment_value(value.group(), strength=strength))
    value = _BARE.match(data, start)
    if value is None or form["sign"] == b"==":
        return []
    text = value.group()
    closing = data[value.end() : value.end() + 1]
    if closing in (b")", b"]", b"}") and any(c in text for c in (b"(", b"[", b"{")):
        return []
    return _if(value, judge.bare_value(text, strength=strength))


def _is_quote_free(value: bytes) -> bool:
    return not any(quote in value for quote in (b'"', b"'", b"`"))


def _quoted(data: bytes, start: int, *, in_data: bool, strength: Strength) -> list[Found]:
    opening = _PREFIXED_QUOTE.match(data, start)
    if opening is None:
        return []
    value = _QUOTED[opening.group(1)[:1]].match(data, opening.end())
    if value is None:
        return []
    is_closed = data.startswith(opening.group(1), value.end())
    if not is_closed and data[value.end() : value.end() + 1] not in (b"", b"\x00"):
        return []  # not cut off, so this quote begins something else
    is_secret = judge.field_value if in_data else judge.quoted_value
    return _if(value, is_secret(value.group(), strength=strength))


def _phrase(
    data: bytes, form: re.Match[bytes], prefix: bytes, *, strength: Strength
) -> list[Found]:
    """`--name value`, `NAME 'value'` as in SQL, and prose that gives a secret away."""
    gap = _PHRASE_GAP.match(data, form.end())
    if gap is None:
        return []
    value = _TOKEN.match(data, gap.end())
    if value is None:
        return []
    text = value.group().rstrip(b".,;:!?)]}*")
    found = [(value.start(), value.start() + len(text), False)]
    is_flag = prefix.startswith(b"--") or prefix == b"-"
    if is_flag and form.end() < gap.end():
        return found if judge.bare_value(text, strength=strength) else []
    if (
        gap.group(1) == b"'"
        and data[value.end() : value.end() + 1] == b"'"
        and strength is Strength.STRONG
    ):
        return found if judge.quoted_value(text, strength=Strength.STRONG) and mixed(text) else []
    return found if len(text) >= 12 and unexplained(text) else []


def _if(value: re.Match[bytes] | None, is_secret: bool) -> list[Found]:
    return [(value.start(), value.end(), False)] if value is not None and is_secret else []
