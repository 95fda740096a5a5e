"""Adds confab's entries to the text of settings.json and takes them out again.

Only entries that call our own launcher are edited; everything else keeps its bytes.
Source of the shapes: contract §4.9.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from confab_sync.claude import hookcommand, jsonedit
from confab_sync.claude.hookcalls import Call, calls, hooks_member, last_member
from confab_sync.claude.hookcommand import HOOKS, Hook, Owner
from confab_sync.claude.jsontext import BYTE_ORDER_MARK, scan

if TYPE_CHECKING:
    from confab_sync.claude.jsonvalues import Document, Value

Origin = Mapping[str, str | None]
"""Container name to the whitespace it held when it was empty, None when it did not exist.

Names: `file` (its whitespace when there was no value in it), `root`, `hooks`,
`hooks.<event>`. A container that is not listed held something of the user's.
"""

EventState = Literal["installed", "stale", "missing"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What settings.json says about confab, event by event."""

    events: Mapping[str, EventState]
    other_confabs: Mapping[str, tuple[str, ...]]
    """Program path of another confab to the events it is hooked to."""
    disabled: bool
    """Whether the user has switched all hooks off."""


def is_blank(data: bytes) -> bool:
    """Whether the text has no JSON value at all: empty, or whitespace only."""
    return not data.removeprefix(BYTE_ORDER_MARK).strip(b" \t\r\n")


def add(
    data: bytes | None,
    launcher: str,
    source: str,
    *,
    replace: bool = False,
    hooks: Sequence[Hook] = HOOKS,
) -> bytes:
    """The text with exactly one up-to-date entry of ours for each of `hooks`.

    `data` is None when there is no file. With `replace` the hooks of another program
    called confab on the same events become ours. Raises `SettingsError` for a text that
    is not strict JSON or whose hooks have a wrong type.
    """
    if data is None or is_blank(data):
        mark = BYTE_ORDER_MARK if (data or b"").startswith(BYTE_ORDER_MARK) else b""
        data = mark + b"{}\n"
    for hook in hooks:
        while (edited := _repaired(scan(data, source), hook, launcher, replace)) is not None:
            data = edited
    while outdated := _outdated_events(document := scan(data, source), launcher):
        data = _without_call(document, outdated[0])
    return data


def remove(data: bytes | None, launcher: str, source: str, origin: Origin) -> bytes | None:
    """The text without any entry of ours; None when there was no file before they came.

    Raises `SettingsError` as `add` does.
    """
    while data is not None and not is_blank(data):
        document = scan(data, source)
        ours = [call for call in calls(document, launcher) if call.owner is Owner.OURS]
        if not ours:
            break
        data = _taken_out(document, ours[0], origin)
    return data


def inspect(
    data: bytes | None, launcher: str, source: str, *, hooks: Sequence[Hook] = HOOKS
) -> Inspection:
    """What stands in the text now. Raises `SettingsError` as `add` does."""
    document = scan(b"{}" if data is None or is_blank(data) else data, source)
    found = calls(document, launcher)
    events: dict[str, EventState] = {}
    for hook in hooks:
        present = any(c.owner is Owner.OURS and c.event.name == hook.event for c in found)
        current = _repaired(document, hook, launcher, replace=False) is None
        events[hook.event] = "installed" if current else "stale" if present else "missing"
    events |= {call.event.name: "stale" for call in _outdated_events(document, launcher)}
    others: dict[str, tuple[str, ...]] = {}
    for call in found:
        if call.owner is Owner.OTHER_CONFAB:
            program = hookcommand.program_and_arguments(call.command)[0]
            before = others.get(program, ())
            others[program] = tuple(dict.fromkeys((*before, call.event.name)))
    switch = last_member(document.root, "disableAllHooks")
    return Inspection(events, others, switch is not None and switch.value.kind == "true")


def _repaired(document: Document, hook: Hook, launcher: str, replace: bool) -> bytes | None:
    """The text one step closer to one right entry for `hook`; None when it has that."""
    wanted = (Owner.OURS, Owner.OTHER_CONFAB) if replace else (Owner.OURS,)
    found = [
        call
        for call in calls(document, launcher)
        if call.event.name == hook.event and call.owner in wanted
    ]
    fitting = [call for call in found if call.alone or _hears_everything(document, call.entry)]
    fitting.sort(key=lambda call: call.owner is not Owner.OURS)
    kept = fitting[0] if fitting else None
    for call in found:
        if call is not kept:
            return _without_call(document, call)
    if kept is None:
        return _with_entry(document, hook.event, hookcommand.entry(launcher, hook))
    matcher = last_member(kept.entry, "matcher")
    if matcher is not None and kept.alone:
        return jsonedit.without(document, kept.entry, matcher)
    for name, value in hookcommand.handler(launcher, hook).items():
        member = last_member(kept.handler, name)
        if member is None:
            return jsonedit.appended(document, kept.handler, value, name)
        if not _says(document, member.value, value):
            return jsonedit.replaced(document, member.value, value)
    return None


def _with_entry(document: Document, event_name: str, entry: dict[str, object]) -> bytes:
    hooks = hooks_member(document)
    if hooks is None:
        return jsonedit.appended(document, document.root, {event_name: [entry]}, "hooks")
    event = last_member(hooks.value, event_name)
    if event is None:
        return jsonedit.appended(document, hooks.value, [entry], event_name)
    return jsonedit.appended(document, event.value, entry)


def _without_call(document: Document, call: Call) -> bytes:
    """The text without this call; the event's array stays, if need be empty."""
    if call.alone:
        return jsonedit.without(document, call.event.value, call.entry)
    return jsonedit.without(document, call.handlers, call.handler)


def _taken_out(document: Document, call: Call, origin: Origin) -> bytes | None:
    """The text without this call and without the containers that were made for it."""
    emptied = origin.get(f"hooks.{call.event.name}", "")
    entries = call.event.value
    if not call.alone or len(entries.items) > 1:
        return _without_call(document, call)
    if emptied is not None:
        return jsonedit.without(document, entries, call.entry, emptied)
    hooks = hooks_member(document)
    assert hooks is not None  # noqa: S101 - the call was found in it
    emptied = origin.get("hooks", "")
    if len(hooks.value.members) > 1 or emptied is not None:
        return jsonedit.without(document, hooks.value, call.event, emptied or "")
    if len(document.root.members) == 1 and "file" in origin:
        blank = origin["file"]
        return None if blank is None else blank.encode("utf-8")
    return jsonedit.without(document, document.root, hooks, origin.get("root") or "")


def _outdated_events(document: Document, launcher: str) -> list[Call]:
    """Calls of ours on events that this version does not listen to."""
    names = {hook.event for hook in HOOKS}
    return [
        call
        for call in calls(document, launcher)
        if call.owner is Owner.OURS and call.event.name not in names
    ]


def _hears_everything(document: Document, entry: Value) -> bool:
    matcher = last_member(entry, "matcher")
    return matcher is None or (
        matcher.value.kind == "string" and document.string(matcher.value) in ("", "*")
    )


def _says(document: Document, value: Value, wanted: object) -> bool:
    if value.kind == "string":
        return document.string(value) == wanted
    return document.data[value.start : value.end] == json.dumps(wanted).encode()
