"""Whose hook a command line is."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.claude.hookcommand import (
    HOOKS,
    Owner,
    handler,
    hooks_for,
    owner_of,
    program_and_arguments,
)

LAUNCHER = "/home/u/.confab/bin/confab"

paths = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@settings(deadline=None)
@given(paths)
def test_what_we_write_is_known_to_be_ours_whatever_the_path(directory: str) -> None:
    launcher = f"/{directory}/confab"
    for hook in HOOKS:
        command = str(handler(launcher, hook)["command"])
        assert shlex.split(command)[0] == launcher
        assert owner_of(command, launcher) is Owner.OURS


@pytest.mark.parametrize(
    ("command", "owner"),
    [
        (f"{LAUNCHER} hook session-start", Owner.OURS),
        (f"'{LAUNCHER}' hook session-start --provider claude-code", Owner.OURS),
        (f'"{LAUNCHER}"\thook  session-end', Owner.OURS),
        (f"{LAUNCHER} hook", Owner.FOREIGN),
        (f"{LAUNCHER} sync start", Owner.FOREIGN),
        ("/usr/local/bin/confab hook session-start", Owner.OTHER_CONFAB),
        ("/usr/local/bin/confab sync start", Owner.OTHER_CONFAB),
        ("confab sync stop", Owner.OTHER_CONFAB),
        ("'/opt/my tools/confab' hook pre-tool-use", Owner.OTHER_CONFAB),
        ("/usr/local/bin/confab sync status", Owner.FOREIGN),
        ("/usr/local/bin/confabulate hook session-start", Owner.FOREIGN),
        ("python -m confab hook session-start", Owner.FOREIGN),
        ("", Owner.FOREIGN),
    ],
)
def test_the_first_shell_word_and_the_subcommand_decide(command: str, owner: Owner) -> None:
    assert owner_of(command, LAUNCHER) is owner


@pytest.mark.parametrize(
    "command",
    ["a b; c", "a b|c", "a b & c", "a b>c", "(a b c)", "a b `c`", "a b\nc", "a 'b", "a b && c"],
)
def test_a_command_that_does_more_than_run_one_program_has_no_words(command: str) -> None:
    assert program_and_arguments(command) == []


def test_the_shells_special_characters_mean_nothing_in_quotes() -> None:
    assert program_and_arguments("'a;b' hook 'c|d'") == ["a;b", "hook", "c|d"]


def test_who_does_not_wait_has_the_usual_hooks() -> None:
    assert hooks_for(0.0) == HOOKS


def test_only_the_hook_that_waits_gets_the_time_for_it_and_is_told_how_much() -> None:
    for usual, hook in zip(HOOKS, hooks_for(20.0), strict=True):
        if hook.event == "SessionEnd":
            assert handler(LAUNCHER, hook)["timeout"] == 22
            assert str(handler(LAUNCHER, hook)["command"]).endswith(" --timeout=22")
            assert owner_of(str(handler(LAUNCHER, hook)["command"]), LAUNCHER) is Owner.OURS
        else:
            assert hook == usual
