"""Lines become what a page can show: bounded, escaped, results beside their calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from confab_sync.server.transcript.addresses import Addresses
from confab_sync.server.transcript.lines import Line
from confab_sync.server.transcript.speech import (
    MOST_BLOCKS,
    Speech,
)

if TYPE_CHECKING:
    from confab_sync.server.transcript.parts import Said

ADDRESSES = Addresses("s-1", "f.jsonl")


def row(kind: str, *content: object, second: int = 0, **more: object) -> bytes:
    said = content[0] if len(content) == 1 and isinstance(content[0], str) else list(content)
    moment = f"2026-03-01T12:00:{second:02}Z"
    message = {"role": kind, "content": said, "model": "claude"}
    return json.dumps({"type": kind, "timestamp": moment, "message": message, **more}).encode()


def call(name: str = "Bash", id: str = "c1", **asked: object) -> dict[str, object]:
    return {"type": "tool_use", "id": id, "name": name, "input": asked}


def result(content: object, id: str = "c1", *, is_error: bool = False) -> dict[str, object]:
    return {"type": "tool_result", "tool_use_id": id, "content": content, "is_error": is_error}


def text(said: str) -> dict[str, object]:
    return {"type": "text", "text": said}


def read(*rows: bytes | None, agents: frozenset[str] = frozenset()) -> list[Said]:
    lines = [Line(n, data, len(data or b"") or 99) for n, data in enumerate(rows, 1)]
    return Speech(ADDRESSES, agents).read(lines)


def test_result_stands_with_its_call() -> None:
    (said,) = read(
        row("assistant", call(command="ls"), second=1), row("user", result("a\nb\n"), second=4)
    )
    (part,) = said.parts
    assert (part.kind, part.name, part.told, part.seconds) == ("call", "Bash", "ls", 3)
    (inside,) = part.results
    assert (inside.line, inside.anchor, inside.lines) == (2, "L2", 2)
    assert inside.html == "<pre>a\nb\n</pre>"


def test_result_without_its_call_stands_alone() -> None:
    (said,) = read(row("user", result("out", "other", is_error=True)))
    assert (said.role, said.parts[0].kind, said.parts[0].is_error) == ("assistant", "result", True)


def test_speaker_is_named_once() -> None:
    said = read(
        row("user", "hi"),
        row("assistant", text("a")),
        row("assistant", text("b")),
        row("user", "system text", isMeta=True),
        row("assistant", text("c")),
    )
    assert [(each.name, each.goes_on, each.is_hidden) for each in said] == [
        ("You", False, False),
        ("Claude", False, False),
        ("Claude", True, False),
        ("You", False, True),
        ("Claude", False, False),
    ]


def test_everything_from_outside_is_escaped() -> None:
    bad = "<script>x</script>\u202e\x1b[2J"
    said = read(
        row("user", bad),
        row("assistant", {"type": "thinking", "thinking": bad}, text(bad)),
        row("assistant", call(bad, command=bad), call(bad, "c2", file_path="/a.py", content=bad)),
        row("user", result(bad)),
    )
    shown = [part for each in said for part in each.parts]
    shown += [inside for part in shown for inside in part.results]
    assert len(shown) == 6
    for part in shown:
        assert "<script" not in part.html
        assert "\u202e" not in part.html + part.told + part.name
        assert "\x1b" not in part.html + part.told + part.name


def test_line_that_is_too_long_is_a_note() -> None:
    (said,) = read(None)
    assert (said.parts[0].kind, said.parts[0].size) == ("note", 99)


def test_lines_that_say_nothing_are_left_out() -> None:
    assert read(b"", b"torn {", b"\x00\xff", b'{"type":"mode"}', row("assistant", text(" "))) == []


def test_subagent_is_a_branch_only_if_its_transcript_is_there() -> None:
    rows = (
        row("assistant", call("Agent", prompt="**Look**")),
        row("user", result("Found it."), toolUseResult={"agentId": "a1"}),
    )
    (known,) = read(*rows, agents=frozenset({"a1"}))
    (unknown,) = read(*rows)
    assert known.parts[0].html == "<p><strong>Look</strong></p>\n"
    assert known.parts[0].results[0].agent_page == "/sessions/s-1?agent=a1"
    assert unknown.parts[0].results[0].agent_page == ""


def test_pictures_keep_their_places() -> None:
    gif = {"type": "base64", "media_type": "image/gif", "data": "R0lGODlhAwAEAAAA"}
    bad = {"type": "base64", "media_type": "image/svg+xml", "data": "PHN2Zz4="}
    image = {"type": "image", "source": gif}
    (said,) = read(row("user", {"type": "image", "source": bad}, result([image, text("x")]), image))
    first, second, third = said.parts
    assert (first.address, first.name) == ("", "image/svg+xml")
    assert second.pictures[0].address == ADDRESSES.picture(1, 1)
    assert (third.address, third.width, third.height) == (ADDRESSES.picture(1, 2), 3, 4)


def test_line_of_very_many_blocks_is_shown_as_far_as_it_goes() -> None:
    (said,) = read(row("assistant", *[text("a")] * (MOST_BLOCKS + 1)))
    assert [part.kind for part in said.parts] == ["text"] * MOST_BLOCKS + ["note"]
