"""Remembers what confab's containers held before, so that removing restores the bytes.

`{"hooks": {}}` and `{}` look the same once our entries are in; which of them it was is
kept beside confab's other files, for each settings.json that was edited.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from confab_sync.claude.hookcalls import Call, calls, hooks_member
from confab_sync.claude.hookcommand import HOOKS, Owner
from confab_sync.claude.jsontext import scan
from confab_sync.claude.settings import Origin, is_blank
from confab_sync.files import replace_private_file

if TYPE_CHECKING:
    from confab_sync.claude.jsonvalues import Document, Value


def observed(
    data: bytes | None, launcher: str, source: str, known: Origin
) -> dict[str, str | None]:
    """What is to be remembered of this text before entries of ours are added.

    A container that holds only entries of ours says nothing about its past, so what is
    `known` of it stays true. Raises `SettingsError` as `settings.add` does.
    """
    nothing_yet: dict[str, str | None] = {"hooks": None}
    nothing_yet |= {f"hooks.{hook.event}": None for hook in HOOKS}
    if data is None or is_blank(data):
        return {"file": None if data is None else data.decode("utf-8"), **nothing_yet}
    document = scan(data, source)
    root, hooks = document.root, hooks_member(document)
    if hooks is None:
        return nothing_yet | ({} if root.members else {"root": _inside(document, root)})
    ours = [call for call in calls(document, launcher) if call.owner is Owner.OURS]
    all_ours = _is_all_ours(hooks.value, ours)
    origin: dict[str, str | None] = {}
    if len(root.members) == 1 and all_ours:
        origin |= {name: known[name] for name in ("file", "root") if name in known}
    if all_ours:
        origin |= {name: known[name] for name in ("hooks",) if name in known}
    elif not hooks.value.members:
        origin["hooks"] = _inside(document, hooks.value)
    events = {member.name: member.value for member in hooks.value.members}
    for hook in HOOKS:
        name = f"hooks.{hook.event}"
        entries = events.get(hook.event)
        if entries is None:
            origin[name] = None
        elif not entries.items:
            origin[name] = _inside(document, entries)
        elif name in known and _has_only(entries, ours):
            origin[name] = known[name]
    return origin


class OriginFile:
    """The remembered origins of all edited settings files, as JSON at `path`."""

    def __init__(self, path: str) -> None:
        self._path = path

    def all(self) -> dict[str, dict[str, str | None]]:
        """Settings path to origin. What cannot be read is as good as not remembered."""
        try:
            with open(self._path, encoding="utf-8") as stream:
                stored = json.load(stream)
        except (OSError, ValueError, RecursionError):
            return {}
        if not isinstance(stored, dict):
            return {}
        return {
            path: origin
            for path, origin in stored.items()
            if isinstance(origin, dict)
            and all(text is None or isinstance(text, str) for text in origin.values())
        }

    def remember(self, settings_path: str, origin: Origin | None) -> None:
        """Keep the origin of one settings file; None forgets it. Raises `OSError`."""
        stored: dict[str, Origin] = {**self.all()}
        before = stored.pop(settings_path, None)
        if origin is not None:
            stored[settings_path] = dict(origin)
        if before != origin:
            replace_private_file(self._path, json.dumps(stored, indent=2).encode() + b"\n")


def _inside(document: Document, container: Value) -> str:
    return document.data[container.start + 1 : container.end - 1].decode("utf-8")


def _is_all_ours(hooks: Value, ours: list[Call]) -> bool:
    return bool(hooks.members) and all(_has_only(event.value, ours) for event in hooks.members)


def _has_only(entries: Value, ours: list[Call]) -> bool:
    """Whether an event's array consists of nothing but entries of ours."""
    handlers = {
        call.entry.start: len(call.handlers.items) for call in ours if call.event.value is entries
    }
    counted = {start: sum(1 for call in ours if call.entry.start == start) for start in handlers}
    return bool(entries.items) and all(
        counted.get(entry.start, 0) == handlers.get(entry.start, -1) for entry in entries.items
    )
