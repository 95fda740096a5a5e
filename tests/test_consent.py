from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync import consent

NOW = 1_700_000_000.0
"""2023-11-14T22:13:20Z."""

BEFORE = "2023-11-14T22:13:19Z"
LATER = "2023-11-14T22:13:21Z"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory whose path holds no link, so that rules read as they were written."""
    return Path(os.path.realpath(tmp_path))


def refusal(settings: dict[str, Any] | None, *directories: Path | str) -> str | None:
    return consent.refusal(settings, map(str, directories), NOW)


def test_without_settings_everything_may_be_copied(home: Path) -> None:
    assert refusal(None, home) is None
    assert refusal({}, home) is None
    assert refusal({"ignore": None, "paused": None}, home) is None
    assert refusal({"ignore": []}) is None


def test_a_rule_counts_for_its_directory_and_all_below(home: Path) -> None:
    (home / "secret/deep").mkdir(parents=True)
    (home / "secretive").mkdir()
    rules = {"ignore": [f"{home}/secret"]}
    reason = f"ignored: {home}/secret"
    assert refusal(rules, home / "secret") == reason
    assert refusal(rules, home / "secret/deep") == reason
    assert refusal(rules, home / "secret/not/there") == reason
    assert refusal(rules, home / "secretive") is None
    assert refusal(rules, home) is None


def test_one_directory_of_several_is_enough(home: Path) -> None:
    rules = {"ignore": [f"{home}/a"]}
    assert refusal(rules, home / "b", home / "a") == f"ignored: {home}/a"


def test_the_root_is_above_everything(home: Path) -> None:
    assert refusal({"ignore": ["/"]}, home) == "ignored: /"
    assert refusal({"ignore": ["/"]}, "/") == "ignored: /"


@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("rule", ["{}/a/", "{}//a", "{}/./a", "{}/b/../a"])
def test_a_rule_may_be_written_in_many_ways(home: Path, rule: str, exists: bool) -> None:
    (home / "b").mkdir()
    if exists:
        (home / "a").mkdir()
    written = rule.format(home)
    assert refusal({"ignore": [written]}, home / "a/x") == f"ignored: {written}"
    assert refusal({"ignore": [written]}, home / "b") is None


def test_of_nested_rules_each_is_enough(home: Path) -> None:
    both = [f"{home}/a/b", f"{home}/a"]
    assert refusal({"ignore": both}, home / "a/c") == f"ignored: {home}/a"
    assert refusal({"ignore": both[:1]}, home / "a/c") is None


def test_links_hide_nothing_on_either_side(home: Path) -> None:
    (home / "real/project").mkdir(parents=True)
    (home / "link").symlink_to(home / "real")
    assert refusal({"ignore": [f"{home}/real"]}, home / "link/project")
    assert refusal({"ignore": [f"{home}/link"]}, home / "real/project")
    assert refusal({"ignore": [f"{home}/link"]}, home / "link/project")


def test_a_rule_whose_link_leads_nowhere_still_counts(home: Path) -> None:
    (home / "link").symlink_to(home / "gone")
    assert refusal({"ignore": [f"{home}/link"]}, home / "gone/project")
    assert refusal({"ignore": [f"{home}/link"]}, home / "link/project")


def test_dots_in_a_directory_lead_where_the_kernel_goes(home: Path) -> None:
    (home / "elsewhere/deep").mkdir(parents=True)
    (home / "project").mkdir()
    (home / "project/link").symlink_to(home / "elsewhere/deep")
    rules = {"ignore": [f"{home}/elsewhere"]}
    assert refusal(rules, f"{home}/project/link/..") == f"ignored: {home}/elsewhere"
    assert refusal({"ignore": [f"{home}/project"]}, f"{home}/project/link/..") is None


def test_names_that_the_file_system_takes_for_the_same_are_the_same(home: Path) -> None:
    (home / "Project").mkdir()
    same = (home / "project").exists()
    assert bool(refusal({"ignore": [f"{home}/project"]}, home / "Project/x")) == same


def test_a_directory_with_the_file_is_ignored_with_all_below(home: Path) -> None:
    (home / "a/b").mkdir(parents=True)
    (home / "a/.confabignore").touch()
    reason = f"ignored: .confabignore in {home}/a"
    assert refusal(None, home / "a") == reason
    assert refusal(None, home / "a/b") == reason
    assert refusal({}, home / "a/not/there") == reason
    assert refusal({}, home) is None


def test_the_file_counts_where_a_link_stands_too(home: Path) -> None:
    (home / "marked").mkdir()
    (home / "real").mkdir()
    (home / "marked/link").symlink_to(home / "real")
    (home / "marked/.confabignore").symlink_to("nowhere")
    assert refusal(None, home / "marked/link") == f"ignored: .confabignore in {home}/marked"


@pytest.mark.parametrize("unknown", [[], [""], ["relative"], ["/a\0b"], ["/\ud800"]])
def test_with_rules_a_session_without_a_known_directory_is_refused(unknown: list[str]) -> None:
    reason = refusal({"ignore": ["/a"]}, *unknown)
    assert reason == "ignored: there are rules, and its directory is not known"
    assert refusal({}, *unknown) is None


@pytest.mark.parametrize(
    "rules",
    [
        "/a",
        7,
        0,
        True,
        False,
        "",
        {},
        {"/a": 1},
        [7],
        [None],
        ["a"],
        ["~/a"],
        [""],
        ["/a\0"],
        ["/\ud800"],
    ],
)
def test_rules_that_cannot_be_understood_refuse(home: Path, rules: object) -> None:
    reason = refusal({"ignore": rules}, home)
    assert reason == "ignored: ignore in config.json should be a list of absolute paths"
    assert consent.complaint({"ignore": rules}) == (
        "ignore",
        "ignore should be a list of absolute paths",
    )


@pytest.mark.parametrize(
    ("until", "reason"),
    [(None, "paused"), (LATER, f"paused until {LATER}"), (BEFORE, None)],
)
def test_a_pause_lasts_until_its_end(home: Path, until: str | None, reason: str | None) -> None:
    settings = {"paused": {"since": BEFORE, "until": until}}
    assert refusal(settings, home) == reason
    assert consent.pause(settings, NOW) == reason
    assert consent.complaint(settings) is None


def test_at_its_end_a_pause_is_over() -> None:
    assert consent.pause({"paused": {"until": consent.moment(NOW)}}, NOW) is None


@pytest.mark.parametrize(
    "value",
    [True, False, "2h", [], 7, {"until": 7}, {"until": ""}, {"until": "2023-11-14"},
     {"until": "2023-11-14T22:13:21+01:00"}, {"since": True}, {"until": "٢023-11-14T22:13:21Z"}],
)  # fmt: skip
def test_a_pause_that_cannot_be_understood_refuses(home: Path, value: object) -> None:
    reason = refusal({"paused": value}, home)
    assert reason is not None
    assert reason.startswith("paused: paused in config.json should be an object with moments")
    assert consent.complaint({"paused": value}) is not None
    assert consent.is_pause(reason)


def test_what_is_ignored_is_said_before_the_pause(home: Path) -> None:
    settings = {"ignore": [str(home)], "paused": {}}
    assert refusal(settings, home) == f"ignored: {home}"


def test_its_own_reasons_are_told_from_others(home: Path) -> None:
    (home / ".confabignore").touch()
    given = [
        refusal({}, home),
        refusal({"ignore": ["/"]}, "/"),
        refusal({"ignore": 7}, "/"),
        refusal({"ignore": ["/a"]}),
        refusal({"paused": {}}),
        refusal({"paused": 7}),
        refusal({"paused": {"until": LATER}}),
    ]
    assert all(reason and consent.is_refusal(reason) for reason in given)
    assert [consent.is_pause(reason or "") for reason in given] == [False] * 4 + [True] * 3
    for other in ("stopped by the user", "deleted at the backend", "unreadable marker", ""):
        assert not consent.is_refusal(other)


def test_a_session_that_was_ignored_once_stays_so_while_the_rule_does(home: Path) -> None:
    (home / "a").mkdir()
    (home / "b").mkdir()
    rules = {"ignore": [f"{home}/a"]}
    ruled = consent.ruled_directory(refusal(rules, home / "a/x") or "")
    assert ruled == f"{home}/a"
    assert refusal(rules, home / "b", ruled) == f"ignored: {home}/a"
    assert refusal({}, home / "b", ruled) is None
    (home / "a/.confabignore").touch()
    assert consent.ruled_directory(refusal(None, home / "a") or "") == f"{home}/a"


def test_a_reason_is_over_when_its_rule_is(home: Path) -> None:
    rules = {"ignore": [f"{home}/a"]}
    every: list[dict[str, Any]] = [
        rules,
        {"ignore": 7},
        {"paused": {}},
        {"paused": {"until": LATER}},
    ]
    for settings in every:
        reason = refusal(settings, home / "a/x") or ""
        assert not consent.is_over(reason, settings, NOW)
        assert consent.is_over(reason, {}, NOW)
        assert consent.is_over(reason, None, NOW)
    assert consent.is_over(f"paused until {LATER}", {"paused": {"until": LATER}}, NOW + 1)
    (home / ".confabignore").touch()
    reason = refusal({}, home) or ""
    assert not consent.is_over(reason, {}, NOW)
    (home / ".confabignore").unlink()
    assert consent.is_over(reason, rules, NOW)


@pytest.mark.parametrize("reason", ["stopped by the user", "deleted at the backend", ""])
def test_a_reason_of_others_is_never_over(reason: str) -> None:
    assert not consent.is_over(reason, {}, NOW)


def test_settings_are_read_through_a_link_and_with_a_byte_order_mark(home: Path) -> None:
    (home / "real.json").write_text('\ufeff{"ignore": ["/a"]}\n')
    (home / "config.json").symlink_to("real.json")
    assert consent.read_settings(f"{home}/config.json") == {"ignore": ["/a"]}


@pytest.mark.parametrize("reason", ["paused", "ignored: ignore in config.json should", "", "/a"])
def test_reasons_without_a_directory_name_none(reason: str) -> None:
    assert consent.ruled_directory(reason) is None


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/a/b/", "/a/b"),
        ("x", "/cwd/x"),
        (".", "/cwd"),
        ("~", "/home/u"),
        ("~/x", "/home/u/x"),
        ("~other", "/cwd/~other"),
        ("/a//b/./c", "/a/b/c"),
        ("//a", "/a"),
        ("/", "/"),
        ("/..", "/"),
    ],
)
def test_a_rule_is_kept_as_an_absolute_path(path: str, rule: str) -> None:
    assert consent.absolute(path, "/cwd", "/home/u") == rule


def test_dots_in_a_rule_lead_where_the_kernel_goes(home: Path) -> None:
    (home / "far/deep").mkdir(parents=True)
    (home / "link").symlink_to(home / "far/deep")
    assert consent.absolute("link/../x", str(home), "/") == f"{home}/far/x"
    assert consent.absolute("link/x", str(home), "/") == f"{home}/link/x"


segments = st.lists(st.sampled_from(["a", "b", "A", "c d"]), max_size=4)


@given(rule=segments, directory=segments)
def test_a_rule_covers_exactly_what_begins_with_it(rule: list[str], directory: list[str]) -> None:
    below = "/nowhere-at-all"
    settings = {"ignore": ["/".join([below, *rule])]}
    refused = consent.refusal(settings, ["/".join([below, *directory])], NOW) is not None
    assert refused == (directory[: len(rule)] == rule)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_whatever_stands_in_the_settings_gets_an_answer(value: object) -> None:
    for key in ("ignore", "paused"):
        reason = consent.refusal({key: value}, ["/nowhere-at-all"], NOW)
        assert reason is None or consent.is_refusal(reason)
        assert (consent.complaint({key: value}) is None) or reason is not None
