"""Every command that the documents name exists, with the options that they give it."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from confab_sync.cli.main import cli

ROOT = Path(__file__).parents[1]
DOCUMENTS = (
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/server.md",
    "docs/status.md",
    "docs/redaction.md",
    "docs/privacy.md",
)
TYPED = re.compile(r"`(confab [^`]*)`|^ {4}(?:\$ )?(confab .*)$", re.MULTILINE)
OPTION = re.compile(r"--[a-z][a-z-]*")
HOOK = "hook"
"""The command of the launcher, which is no command of the command line."""


def commands(document: str) -> list[str]:
    """What a person is told to type, in code spans and in indented lines."""
    text = (ROOT / document).read_text().replace("\\|", "|")
    return [span or line for span, line in TYPED.findall(text)]


def command_of(typed: str) -> tuple[click.Command, list[str]]:
    """The command that is meant and the words before the first that is no name of one."""
    found: click.Command = cli
    names: list[str] = []
    for word in typed.split()[1:]:
        if not isinstance(found, click.Group):
            break
        inner = found.get_command(click.Context(found), word)
        if inner is None:
            break
        found = inner
        names.append(word)
    return found, names


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_exist_with_their_options(document: str) -> None:
    typed = [each for each in commands(document) if each.split()[1] not in (HOOK, "COMMAND")]
    assert typed
    for each in typed:
        found, names = command_of(each)
        assert names, each
        known = {option for parameter in found.params for option in parameter.opts}
        known |= {option for parameter in found.params for option in parameter.secondary_opts}
        assert {*OPTION.findall(each)} <= known | {"--help"}, each


def test_every_command_is_in_the_readme() -> None:
    named = {command_of(each)[1][0] for each in commands("README.md") if command_of(each)[1]}
    assert named == set(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_pictures_and_linked_files_are_there(document: str) -> None:
    place = (ROOT / document).parent
    named = re.findall(r"\]\(([^)#]+)[^)]*\)", (ROOT / document).read_text())
    missing = [each for each in named if "://" not in each and not (place / each).exists()]
    assert missing == []
