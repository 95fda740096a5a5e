"""What a tool was given is told by the text that says most."""

from __future__ import annotations

import pytest

from confab_sync.claude.conversation import ToolCall
from confab_sync.server.transcript.calls import Given, given, told


def call(**asked: object) -> ToolCall:
    return ToolCall("id", "Tool", asked)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (call(command="ls -l"), Given("ls -l", "bash")),
        (call(file_path="/a.py", content="x = 1"), Given("x = 1", path="/a.py")),
        (call(prompt="**Look**", description="x"), Given("**Look**", is_prose=True)),
        (call(file_path="/a.py"), Given("")),
        (call(), Given("")),
        (call(a=1), Given('{\n  "a": 1\n}', "json")),
        (call(command=["ls"]), Given('{\n  "command": [\n    "ls"\n  ]\n}', "json")),
        (
            call(edits="odd", file_path="/a"),
            Given('{\n  "edits": "odd",\n  "file_path": "/a"\n}', "json"),
        ),
    ],
)
def test_input_is_shown_in_its_own_language(asked: ToolCall, shown: Given) -> None:
    assert given(asked) == shown


def test_change_is_shown_as_a_difference() -> None:
    shown = given(call(file_path="/a", old_string="a\nb\nc\n", new_string="a\nB\nc\n"))
    assert (shown.language, shown.text) == ("diff", "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c")
    several = given(call(edits=[{"old_string": "a", "new_string": "b"}, {"odd": 1}, 3]))
    assert several.text == "@@ -1 +1 @@\n-a\n+b"


def test_large_change_is_not_compared() -> None:
    old = "\n".join(f"a{n}" for n in range(2000))
    shown = given(call(old_string=old, new_string=old.replace("a", "b")))
    assert shown.text.startswith("-a0\n-a1\n")
    assert shown.text.endswith("\n+b1999")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (call(file_path="/a/b.py"), "/a/b.py"),
        (call(file_path="/" + "d" * 200 + "/b.py"), "…" + ("/" + "d" * 200 + "/b.py")[-79:]),
        (call(pattern="def x", path="src"), "def x in src"),
        (call(pattern="def x"), "def x"),
        (call(command="ls\npwd", description="Look around"), "Look around"),
        (call(command="ls\npwd"), "ls"),
        (call(), ""),
    ],
)
def test_call_is_told_in_a_line(asked: ToolCall, line: str) -> None:
    assert told(asked) == line


def test_input_nested_deeper_than_python_calls_is_left_out() -> None:
    asked: object = 1
    for _ in range(5000):
        asked = [asked]
    assert given(call(deep=asked, more=1)) == Given("")
