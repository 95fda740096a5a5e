"""A session's transcript as a text of what was said, for people and models (contract §2.9)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from confab_sync.claude.lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEYS = ("uuid", "timestamp", "isSidechain", "userType", "cwd", "sessionId", "version")
_ELEMENT = re.compile(rb'\n<(?:user|assistant|tool_results|skill) id="')

Entry = dict[str, Any]


def condense(files: Iterable[Iterable[bytes]], max_bytes: int | None = None) -> str:
    """What was said in the lines of `files`, each given in pieces; elements are numbered through.

    With `max_bytes` the beginning is left out, up to the start of an element. Text is not
    escaped, as in the contract's format.
    """
    writer = _Writer()
    for pieces in files:
        for line in lines_of(pieces):
            writer.add(line)
    whole = "\n".join(["<transcript>", *writer.elements, "</transcript>"]).encode()
    if max_bytes is None or len(whole) <= max_bytes:
        return whole.decode()
    tail = whole[-max_bytes:]
    start = _ELEMENT.search(tail)
    if start is None:
        return tail.decode("utf-8", "ignore")
    tail = tail[start.start() + 1 :]
    return (
        f"[Transcript truncated \u2014 showing last {len(tail)} of {len(whole)} characters]\n"
        f"<transcript>\n{tail.decode()}"
    )


class _Writer:
    """Turns lines into elements, and remembers the tools they speak of."""

    def __init__(self) -> None:
        self.elements: list[str] = []
        self._tools: dict[str, Entry] = {}

    def add(self, line: bytes) -> None:
        try:
            entry = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return
        if not isinstance(entry, dict) or "parentUuid" not in entry:
            return
        if any(entry.get(key) is None for key in _KEYS):
            return
        message = entry.get("message")
        if not isinstance(message, dict):
            return
        if entry.get("type") == "user" and message.get("role") == "user":
            self._user(entry, message.get("content"))
        elif entry.get("type") == "assistant" and _is_whole_answer(message):
            self._assistant(message["content"])

    def _user(self, entry: Entry, content: object) -> None:
        used = self._tools.get(str(entry.get("sourceToolUseID")), {})
        if used.get("name") == "Skill":
            self._skill(used, content)
        elif isinstance(content, str):
            self._element("user", content)
        elif isinstance(content, list):
            results = [self._result(block) for block in _blocks(content, "tool_result")]
            if results:
                self._element("tool_results", "\n".join(results))

    def _skill(self, used: Entry, content: object) -> None:
        given = used.get("input")
        name = given.get("skill", "") if isinstance(given, dict) else ""
        text = content if isinstance(content, str) else _joined(content, "text", "text")
        self._element("skill", text, f' name="{name}"')

    def _result(self, block: Entry) -> str:
        tool = self._tools.get(str(block.get("tool_use_id")), {}).get("name", "")
        status = "error" if block.get("is_error") is True else "success"
        return f'  <result tool="{tool}" status="{status}"/>'

    def _assistant(self, content: list[object]) -> None:
        calls = _blocks(content, "tool_use")
        self._tools.update({str(call.get("id")): call for call in calls})
        parts = []
        if thinking := _joined(content, "thinking", "thinking"):
            parts.append(f"<thinking>{thinking}</thinking>")
        if text := _joined(content, "text", "text"):
            parts.append(text)
        if calls:
            names = ", ".join(str(call.get("name", "")) for call in calls)
            parts.append(f"<tools_called>{names}</tools_called>")
        if parts:
            self._element("assistant", "\n".join(parts))

    def _element(self, name: str, content: str, attributes: str = "") -> None:
        number = len(self.elements) + 1
        text = content.encode("utf-8", "replace").decode()  # halves of surrogate pairs
        self.elements.append(f'<{name} id="{number}"{attributes}>\n{text}\n</{name}>')


def _is_whole_answer(message: Entry) -> bool:
    usage = message.get("usage")
    return (
        all(isinstance(message.get(key), str) for key in ("id", "role", "model"))
        and message.get("type") == "message"
        and isinstance(message.get("content"), list)
        and "stop_reason" in message
        and "stop_sequence" in message
        and isinstance(usage, dict)
        and all(isinstance(usage.get(key), int) for key in ("input_tokens", "output_tokens"))
    )


def _blocks(content: object, kind: str) -> list[Entry]:
    found = content if isinstance(content, list) else []
    return [block for block in found if isinstance(block, dict) and block.get("type") == kind]


def _joined(content: object, kind: str, field: str) -> str:
    texts = [block.get(field) for block in _blocks(content, kind)]
    return "\n".join(text for text in texts if isinstance(text, str) and text)
