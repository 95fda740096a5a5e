"""What a tool was given, as the text that tells it best."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.claude.markdown import one_line, summary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.claude.conversation import ToolCall

LARGEST_DIFF = 200_000
"""Characters that are compared; larger changes are shown as they were given."""


@dataclass(frozen=True, slots=True)
class Given:
    """A text, and the language it is in or the path that tells it; `is_prose` is Markdown."""

    text: str
    language: str = ""
    path: str = ""
    is_prose: bool = False


def given(call: ToolCall) -> Given:
    """The input of a call: a command, the change of a file, its content, a prompt, or JSON."""
    asked = call.input
    command, content = asked.get("command"), asked.get("content")
    path, prompt = _text(asked, "file_path"), asked.get("prompt")
    if isinstance(command, str):
        return Given(command, "bash")
    changes = _changes(asked)
    if changes:
        return Given("\n".join(_diff(old, new) for old, new in changes), "diff")
    if isinstance(content, str) and path:
        return Given(content, path=path)
    if isinstance(prompt, str):
        return Given(prompt, is_prose=True)
    if not asked or (len(asked) == 1 and summary(asked)):
        return Given("")
    try:
        return Given(json.dumps(asked, indent=2, ensure_ascii=False), "json")
    except RecursionError:
        return Given("")  # nested deeper than anybody reads; the line itself can be looked at


def told(call: ToolCall) -> str:
    """One line about a call; a path is told by its end."""
    path = _text(call.input, "file_path") or _text(call.input, "notebook_path")
    if path:
        return path if len(path) <= 80 else "…" + path[-79:]
    pattern = _text(call.input, "pattern")
    if pattern:
        place = _text(call.input, "path") or _text(call.input, "glob")
        return one_line(pattern) + (f" in {one_line(place)}" if place else "")
    description = _text(call.input, "description")
    return one_line(description or summary(call.input))


def _changes(asked: Mapping[str, object]) -> list[tuple[str, str]]:
    edits = asked.get("edits")
    found = [
        (edit.get("old_string"), edit.get("new_string"))
        for edit in (edits if isinstance(edits, list) else [asked])
        if isinstance(edit, dict)
    ]
    return [(old, new) for old, new in found if isinstance(old, str) and isinstance(new, str)]


def _diff(old: str, new: str) -> str:
    before, after = old.splitlines(), new.splitlines()
    if len(old) + len(new) > LARGEST_DIFF or len(before) * len(after) > 1_000_000:
        lines = [f"-{line}" for line in before] + [f"+{line}" for line in after]
    else:
        lines = list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
    return "\n".join(lines)


def _text(asked: Mapping[str, object], name: str) -> str:
    value = asked.get(name)
    return value if isinstance(value, str) else ""
