"""Finds the hook commands in the text of settings.json, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.claude import hookcommand
from confab_sync.claude.hookcommand import HOOKS, Owner

if TYPE_CHECKING:
    from confab_sync.claude.jsonvalues import Document, Member, Value


@dataclass(frozen=True, slots=True)
class Call:
    """One hook handler and the containers it stands in, outermost first."""

    owner: Owner
    command: str
    event: Member
    entry: Value
    handlers: Value
    handler: Value

    @property
    def alone(self) -> bool:
        """Whether its entry runs nothing else."""
        return len(self.handlers.items) == 1


def hooks_member(document: Document) -> Member | None:
    """The `hooks` object of the settings. Raises `SettingsError` when it is no single object."""
    if document.root.kind != "object":
        document.refuse(document.root.start, "the settings should be an object")
    found = _only(document, document.root, "hooks")
    if found is not None and found.value.kind != "object":
        document.refuse(found.start, f'"hooks" should be an object, not {_article(found.value)}')
    return found


def calls(document: Document, launcher: str) -> list[Call]:
    """Every command hook in the text, in its order.

    On the events that we listen to, wrong types are refused with `SettingsError`; on
    others they are passed over.
    """
    hooks = hooks_member(document)
    if hooks is None:
        return []
    for hook in HOOKS:
        _only(document, hooks.value, hook.event)
    found = []
    for event in hooks.value.members:
        strict = any(hook.event == event.name for hook in HOOKS)
        if _is(document, event.value, "array", f'"hooks.{event.name}"', strict):
            for entry in event.value.items:
                found += _calls_of(document, launcher, event, entry, strict)
    return found


def _calls_of(
    document: Document, launcher: str, event: Member, entry: Value, strict: bool
) -> list[Call]:
    if not _is(document, entry, "object", f'an entry of "hooks.{event.name}"', strict):
        return []
    handlers = last_member(entry, "hooks")
    where = f'"hooks" in an entry of "hooks.{event.name}"'
    if handlers is None or not _is(document, handlers.value, "array", where, strict):
        return []
    found = []
    for handler in handlers.value.items:
        if not _is(document, handler, "object", f'a hook of "hooks.{event.name}"', strict):
            continue
        command = last_member(handler, "command")
        if command is not None and command.value.kind == "string":
            text = document.string(command.value)
            owner = hookcommand.owner_of(text, launcher)
            found.append(Call(owner, text, event, entry, handlers.value, handler))
    return found


def last_member(container: Value, name: str) -> Member | None:
    """The member `name`; of several the last, as Claude Code's own parser has it."""
    found = [member for member in container.members if member.name == name]
    return found[-1] if found else None


def _only(document: Document, container: Value, name: str) -> Member | None:
    found = [member for member in container.members if member.name == name]
    if len(found) > 1:
        document.refuse(found[1].start, f'"{name}" stands here for the second time')
    return found[0] if found else None


def _is(document: Document, value: Value, kind: str, what: str, strict: bool) -> bool:
    if value.kind != kind and strict:
        article = "an" if kind[0] in "ao" else "a"
        document.refuse(value.start, f"{what} should be {article} {kind}, not {_article(value)}")
    return value.kind == kind


def _article(value: Value) -> str:
    if value.kind in ("true", "false", "null"):
        return value.kind
    return f"an {value.kind}" if value.kind[0] in "ao" else f"a {value.kind}"
