"""Our entries in the text of settings.json: put in, brought up to date, taken out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.claude import jsonedit
from confab_sync.claude.hookcalls import calls
from confab_sync.claude.hookcommand import HOOKS
from confab_sync.claude.jsontext import scan
from confab_sync.claude.settings import add, inspect, remove
from confab_sync.claude.settings_origin import observed
from confab_sync.errors import SettingsError
from tests.claude.texts import json_texts, json_values

LAUNCHER = "/home/u/.confab/bin/confab"
GO = "/usr/local/bin/confab"
EVENTS = [hook.event for hook in HOOKS]


def added(data: bytes | None, *, replace: bool = False, launcher: str = LAUNCHER) -> bytes:
    return add(data, launcher, "settings.json", replace=replace)


def removed(data: bytes | None, origin: dict[str, str | None] | None = None) -> bytes | None:
    return remove(data, LAUNCHER, "settings.json", origin or {})


def origin_of(data: bytes | None, known: dict[str, str | None] | None = None) -> Any:
    return observed(data, LAUNCHER, "settings.json", known or {})


def command(name: str, program: str = LAUNCHER) -> str:
    return f"{program} hook {name} --provider claude-code"


def ours(name: str, timeout: int = 10, program: str = LAUNCHER) -> dict[str, Any]:
    return {"type": "command", "command": command(name, program), "timeout": timeout}


def foreign(text: str = "echo hi") -> dict[str, Any]:
    return {"type": "command", "command": text}


def go_entry(name: str) -> dict[str, Any]:
    return {"matcher": "*", "hooks": [{"type": "command", "command": command(name, GO)}]}


EXPECTED = {
    "SessionStart": [{"hooks": [ours("session-start", 10)]}],
    "SessionEnd": [{"hooks": [ours("session-end", 5)]}],
    "UserPromptSubmit": [{"hooks": [ours("user-prompt-submit", 10)]}],
}


def settings_values() -> st.SearchStrategy[Any]:
    """Settings of users who have no hooks of ours yet, often with hooks of their own."""
    handler = st.sampled_from([foreign(), foreign("/opt/x confab hook"), {"type": "prompt"}])
    entry = st.fixed_dictionaries(
        {"hooks": st.lists(handler, max_size=2)}, optional={"matcher": st.just("startup")}
    )
    events = st.sampled_from([*EVENTS, "Stop", "PreToolUse"])
    hooks = st.dictionaries(events, st.lists(entry, max_size=2), max_size=4)
    others = st.dictionaries(
        st.sampled_from(["model", "env", "permissions", "é"]), json_values(), max_size=2
    )
    return st.builds(
        lambda before, hooks, after: {**before, **hooks, **after},
        others,
        st.just({}) | hooks.map(lambda value: {"hooks": value}),
        others,
    )


def settings_texts() -> st.SearchStrategy[bytes | None]:
    marked = st.sampled_from([b"", b"\xef\xbb\xbf"])
    blank = st.sampled_from([b"", b"\n", b" \r\n\t"])
    text = json_texts(settings_values()).map(str.encode)
    return st.none() | st.builds(lambda mark, rest: mark + rest, marked, blank | text)


def meaning(data: bytes) -> Any:
    return json.loads(data.decode("utf-8-sig"), parse_float=str, parse_int=str)


@settings(deadline=None)
@given(settings_texts())
def test_adding_three_times_then_removing_gives_the_original_bytes(data: bytes | None) -> None:
    origin: dict[str, str | None] = {}
    text = data
    for _ in range(3):
        origin = origin_of(text, origin)
        text = added(text)
    assert removed(text, origin) == data


@settings(deadline=None)
@given(settings_texts())
def test_adding_changes_nothing_but_our_entries(data: bytes | None) -> None:
    text = added(data)
    blank = data is None or not data.removeprefix(b"\xef\xbb\xbf").strip()
    expected = {} if blank else meaning(data or b"")
    hooks = expected.setdefault("hooks", {})
    for event, entries in EXPECTED.items():
        hooks.setdefault(event, []).extend(json.loads(json.dumps(entries), parse_int=str))
    assert meaning(text) == expected
    assert list(meaning(text)) == list(expected), "the order of keys is kept"
    assert added(text) == text


@settings(deadline=None)
@given(settings_texts(), st.data())
def test_what_the_user_changes_meanwhile_survives_removing(
    data: bytes | None, choices: st.DataObject
) -> None:
    origin = origin_of(data)
    text = added(data)
    mine = json.dumps({"hooks": [foreign("mine")]}).encode()
    event = choices.draw(st.sampled_from(EVENTS))
    document = scan(text, "settings.json")
    at = next(call for call in calls(document, LAUNCHER) if call.event.name == event)
    text = jsonedit.appended(document, at.event.value, json.loads(mine))
    left = removed(text, origin)
    assert left is not None
    assert meaning(left)["hooks"][event][-1] == json.loads(mine)
    assert LAUNCHER.encode() not in left


def test_nothing_at_all_becomes_a_file_as_claude_code_writes_it() -> None:
    assert added(None) == (json.dumps({"hooks": EXPECTED}, indent=2) + "\n").encode()


@pytest.mark.parametrize("indent", ["  ", "    ", "\t", " "])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_indentation_line_ends_and_last_newline_are_followed(
    indent: str, newline: str, end: str
) -> None:
    def text(value: Any) -> bytes:
        return (json.dumps(value, indent=indent) + end).replace("\n", newline).encode()

    mine = {"model": "opus", "hooks": {"Stop": [{"hooks": [foreign()]}]}, "z": [1, 2]}
    both = {**mine, "hooks": {**mine["hooks"], **EXPECTED}}  # type: ignore[dict-item]
    assert added(text(mine)) == text(both)
    assert added(text({"model": "opus"})) == text({"model": "opus", "hooks": EXPECTED})


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" , ", " : ")])
def test_a_text_on_one_line_stays_on_one_line(separators: tuple[str, str]) -> None:
    before = {"a": 1, "b": {"c": [1, 2]}}
    text = json.dumps(before, separators=separators)
    expected = json.dumps({**before, "hooks": EXPECTED}, separators=separators)
    assert added(text.encode()) == expected.encode()


def test_spelling_of_numbers_escapes_and_doubled_names_is_kept() -> None:
    text = (
        b'{"n": 123456789012345678901234567890, "f": 1.50E+2, "e": "\\u00e9\\/",'
        b' "env": {"A": "1", "A": "2"}, "hooks": {}, "x": -0}'
    )
    head, tail = text.split(b'"hooks": {')
    result = added(text)
    assert result.startswith(head)
    assert result.endswith(tail)


def test_the_command_has_no_matcher_and_names_its_timeout() -> None:
    hooks = meaning(added(None))["hooks"]
    assert [list(entry) for entries in hooks.values() for entry in entries] == [["hooks"]] * 3
    assert [e[0]["hooks"][0]["timeout"] for e in hooks.values()] == ["10", "5", "10"]


def test_a_launcher_path_with_a_space_and_a_quote_is_quoted_and_known_again() -> None:
    launcher = "/home/o'brien smith/.confab/bin/confab"
    text = added(None, launcher=launcher)
    start = meaning(text)["hooks"]["SessionStart"][0]["hooks"][0]["command"]
    quoted = "'/home/o'\"'\"'brien smith/.confab/bin/confab'"
    assert start == f"{quoted} hook session-start --provider claude-code"
    assert add(text, launcher, "settings.json") == text
    assert set(inspect(text, launcher, "settings.json").events.values()) == {"installed"}


def test_a_launcher_path_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(SettingsError, match="CONFAB_HOME"):
        added(None, launcher="/home/\udcff/confab")


@pytest.mark.parametrize(
    "old",
    [
        {"matcher": "*", "hooks": [ours("session-start")]},
        {"matcher": "startup", "hooks": [ours("session-start")]},
        {"hooks": [ours("session-start", timeout=60)]},
        {"hooks": [foreign(f"{LAUNCHER} hook session-start")]},
        {"hooks": [foreign(f"'{LAUNCHER}' hook session-start --old-option")]},
        {"matcher": "", "hooks": [foreign(f"{LAUNCHER} hook start")]},
    ],
)
def test_an_older_entry_of_ours_is_brought_up_to_date_where_it_stands(old: Any) -> None:
    first, last = {"hooks": [foreign("first")]}, {"hooks": [foreign("last")]}
    text = json.dumps({"hooks": {"SessionStart": [first, old, last]}}).encode()
    assert inspect(text, LAUNCHER, "settings.json").events["SessionStart"] == "stale"
    result = json.loads(added(text))
    assert result["hooks"]["SessionStart"] == [first, *EXPECTED["SessionStart"], last]


def test_unknown_members_of_an_entry_of_ours_are_kept() -> None:
    handler = {**ours("session-start", timeout=99), "note": 1.50}
    text = json.dumps({"hooks": {"SessionStart": [{"x": 1, "hooks": [handler]}]}}).encode()
    entry = json.loads(added(text))["hooks"]["SessionStart"][0]
    assert entry == {"x": 1, "hooks": [{**ours("session-start"), "note": 1.5}]}


def test_several_entries_of_ours_become_one() -> None:
    entries = [{"hooks": [ours("session-end", n)]} for n in (1, 5, 7)]
    text = json.dumps({"hooks": {"SessionEnd": entries}}).encode()
    assert json.loads(added(text))["hooks"]["SessionEnd"] == EXPECTED["SessionEnd"]


def test_a_hook_of_ours_among_foreign_ones_is_updated_in_their_midst() -> None:
    shared = {"hooks": [foreign("a"), ours("session-start", 3), foreign("b")]}
    result = json.loads(added(json.dumps({"hooks": {"SessionStart": [shared]}}).encode()))
    assert result["hooks"]["SessionStart"] == [
        {"hooks": [foreign("a"), ours("session-start"), foreign("b")]}
    ]


def test_a_hook_of_ours_under_a_foreign_matcher_moves_to_an_entry_without_one() -> None:
    shared = {"matcher": "startup", "hooks": [foreign("a"), ours("session-start")]}
    result = json.loads(added(json.dumps({"hooks": {"SessionStart": [shared]}}).encode()))
    assert result["hooks"]["SessionStart"] == [
        {"matcher": "startup", "hooks": [foreign("a")]},
        *EXPECTED["SessionStart"],
    ]


def test_a_hook_of_ours_on_an_event_of_another_version_is_taken_out() -> None:
    text = json.dumps(
        {"hooks": {"Stop": [{"hooks": [foreign(f"{LAUNCHER} hook stop"), foreign()]}]}}
    ).encode()
    assert inspect(text, LAUNCHER, "settings.json").events["Stop"] == "stale"
    assert json.loads(added(text))["hooks"]["Stop"] == [{"hooks": [foreign()]}]


@pytest.mark.parametrize(
    "text",
    [
        f"{LAUNCHER} hook session-start; notify-send hi",
        f"{LAUNCHER} hook session-start && true",
        f"{LAUNCHER} hook session-start 2>/dev/null",
        f"{LAUNCHER} sync status",
        f"{LAUNCHER}",
        f"{LAUNCHER}-old hook session-start",
        f"echo {LAUNCHER} hook session-start",
        f"'{LAUNCHER} hook session-start",
        "confab",
    ],
)
def test_a_command_of_the_users_own_is_never_touched(text: str) -> None:
    data = json.dumps({"hooks": {"SessionStart": [{"hooks": [foreign(text)]}]}}).encode()
    assert removed(data) == data
    result = json.loads(added(data, replace=True))["hooks"]["SessionStart"]
    assert result == [{"hooks": [foreign(text)]}, *EXPECTED["SessionStart"]]


def go_settings() -> bytes:
    hooks = {
        "SessionStart": [go_entry("session-start")],
        "SessionEnd": [{"hooks": [foreign(f"{GO} sync stop")]}],
        "PreToolUse": [{"matcher": "Bash", "hooks": [foreign(f"{GO} hook pre-tool-use")]}],
    }
    return json.dumps({"hooks": hooks}, indent=2).encode()


def test_another_program_called_confab_is_named_and_left_alone() -> None:
    seen = inspect(go_settings(), LAUNCHER, "settings.json")
    assert seen.other_confabs == {GO: ("SessionStart", "SessionEnd", "PreToolUse")}
    assert set(seen.events.values()) == {"missing"}
    before = json.loads(go_settings())["hooks"]
    after = json.loads(added(go_settings()))["hooks"]
    assert after["SessionStart"] == before["SessionStart"] + EXPECTED["SessionStart"]
    assert removed(go_settings()) == go_settings()


def test_another_program_called_confab_is_replaced_on_request_where_we_do_its_work() -> None:
    after = json.loads(added(go_settings(), replace=True))["hooks"]
    assert after == {**EXPECTED, "PreToolUse": json.loads(go_settings())["hooks"]["PreToolUse"]}
    assert list(after) == ["SessionStart", "SessionEnd", "PreToolUse", "UserPromptSubmit"]


def test_replacing_keeps_one_entry_where_both_confabs_were_hooked() -> None:
    both = added(go_settings())
    assert (
        json.loads(added(both, replace=True))["hooks"]["SessionStart"] == (EXPECTED["SessionStart"])
    )


def test_hooks_that_are_switched_off_are_noticed() -> None:
    text = json.dumps({"disableAllHooks": True}).encode()
    assert inspect(text, LAUNCHER, "settings.json").disabled
    assert not inspect(b"{}", LAUNCHER, "settings.json").disabled


def test_each_event_has_its_own_state() -> None:
    hooks = {**EXPECTED, "SessionEnd": [{"hooks": [ours("session-end", 1)]}]}
    del hooks["UserPromptSubmit"]
    seen = inspect(json.dumps({"hooks": hooks}).encode(), LAUNCHER, "settings.json")
    assert seen.events == {
        "SessionStart": "installed",
        "SessionEnd": "stale",
        "UserPromptSubmit": "missing",
    }


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("[]", 1, "the settings should be an object"),
        ('{\n"hooks": null}', 2, '"hooks" should be an object, not null'),
        ('{\n\n"hooks": []}', 3, '"hooks" should be an object, not an array'),
        ('{"hooks": "x"}', 1, "not a string"),
        ('{"hooks": {}, "a": 1,\n"hooks": {}}', 2, '"hooks" stands here for the second time'),
        ('{"hooks": {"SessionEnd": [],\n"SessionEnd": []}}', 2, "for the second time"),
        ('{"hooks": {\n"SessionStart": {}}}', 2, '"hooks.SessionStart" should be an array'),
        ('{"hooks": {"SessionStart": [\n1]}}', 2, "an entry of"),
        ('{"hooks": {"SessionStart": [{"hooks":\n{}}]}}', 2, "should be an array"),
        ('{"hooks": {"SessionStart": [{"hooks": [\nnull]}]}}', 2, "should be an object, not null"),
        ('{"hooks": {} // mine\n}', 1, "a comment"),
        ('{"hooks": {},\n}', 1, "a comma with nothing after it"),
    ],
)
def test_settings_of_a_wrong_shape_are_refused_with_their_line(
    text: str, line: int, why: str
) -> None:
    for attempt in (added, removed, lambda data: inspect(data, LAUNCHER, "settings.json")):
        with pytest.raises(SettingsError) as refusal:
            attempt(text.encode())
        assert str(refusal.value).startswith(f"settings.json, line {line}: ")
        assert why in str(refusal.value)


def test_wrong_types_on_events_that_are_not_ours_are_the_users_business() -> None:
    text = b'{"hooks": {"Stop": 1, "Notification": [1, {"hooks": [2, {"command": 3}]}]}}'
    result = json.loads(added(text))["hooks"]
    assert result["Stop"] == 1
    assert result["Notification"] == [1, {"hooks": [2, {"command": 3}]}]


def test_deep_nesting_elsewhere_does_no_harm() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    text = b'{"x": ' + deep + b"}"
    result = added(text)
    assert deep in result
    assert removed(result, origin_of(text)) == text


def test_without_a_memory_emptied_containers_stay() -> None:
    left = removed(added(b"{}"))
    assert json.loads(left or b"") == {"hooks": {key: [] for key in EVENTS}}
