"""docs/commands.md is what the commands say of themselves.

`python -m tests.test_commands` writes it.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from confab_sync.cli.main import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).parent.parent / "docs" / "commands.md"
HEAD = """\
# Commands

Written from the commands themselves by `python -m tests.test_commands`. ID stands for any
unique beginning of a session's id.
"""

Found = tuple[str, click.Command]


def leaves(group: click.Group, name: str = "confab") -> Iterator[Found]:
    """Every command that does something, with all of its name."""
    context = click.Context(group)
    for word in group.list_commands(context):
        found = group.get_command(context, word)
        assert found is not None
        if found.hidden:
            continue
        if isinstance(found, click.Group):
            yield from leaves(found, f"{name} {word}")
        if not isinstance(found, click.Group) or found.invoke_without_command:
            yield f"{name} {word}", found


def usage(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name)
    return " ".join(["", name, *command.collect_usage_pieces(context)]).strip()


def described(name: str, command: click.Command) -> Iterator[str]:
    yield f"## {name}"
    yield f"    {usage(name, command)}"
    yield inspect.cleandoc(command.help or "")
    options = [
        option.get_help_record(click.Context(command))
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
    ]
    rows = [record for record in options if record]
    if rows:
        cells = [(left, right.replace("|", "\\|")) for left, right in rows]
        table = [f"| `{left.replace('|', chr(92) + '|')}` | {right} |" for left, right in cells]
        yield "\n".join(["| option | |", "|---|---|", *table])
    if command.epilog:
        yield command.epilog.replace("Example: ", "Example: `", 1) + "`"


def document() -> str:
    paragraphs = [HEAD.strip()]
    for name, command in leaves(cli):
        paragraphs += described(name, command)
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"


def test_the_document_is_what_the_commands_say() -> None:
    assert DOCUMENT.read_text() == document(), "run `python -m tests.test_commands`"


@pytest.mark.parametrize(("name", "command"), list(leaves(cli)), ids=str)
def test_each_command_has_help_with_an_example_and_options_that_say_what_they_do(
    name: str, command: click.Command
) -> None:
    assert command.help
    assert (command.epilog or "").startswith(f"Example: {name}"), command.epilog
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts}"


def groups(group: click.Group, name: str = "confab") -> Iterator[Found]:
    """Every command that has others below it and does nothing itself, with all of its name."""
    context = click.Context(group)
    for word in group.list_commands(context):
        found = group.get_command(context, word)
        if isinstance(found, click.Group):
            yield f"{name} {word}", found
            yield from groups(found, f"{name} {word}")


@pytest.mark.parametrize(("name", "command"), list(groups(cli)), ids=str)
def test_each_group_of_commands_has_help_with_an_example(name: str, command: click.Command) -> None:
    assert command.help
    assert (command.epilog or "").startswith(f"Example: {name} "), command.epilog


@pytest.mark.parametrize(("name", "command"), list(leaves(cli)), ids=str)
def test_the_list_of_commands_says_of_each_in_one_whole_line_what_it_does(
    name: str, command: click.Command
) -> None:
    said = command.get_short_help_str(limit=1000)
    assert len(said) <= 80 - len("  completion  "), "give it a short_help"


WITHOUT_JSON = {
    "does something": {
        "confab setup", "confab login", "confab logout", "confab uninstall", "confab hooks add",
        "confab hooks remove", "confab pause", "confab resume", "confab config set",
        "confab config unset", "confab store backup", "confab serve", "confab serve users add",
        "confab serve users disable", "confab serve users enable", "confab serve users read-only",
        "confab serve users link", "confab serve keys add", "confab serve keys revoke",
        "confab demo", "confab open", "confab serve backup", "confab serve units",
    },
    "prints a text": {
        "confab session get-summary", "confab redact", "confab statusline", "confab completion",
    },
    "prints JSON always": {"confab events"},
}  # fmt: skip
"""Why a command needs no `--json`."""


@pytest.mark.parametrize(("name", "command"), list(leaves(cli)), ids=str)
def test_each_command_that_prints_data_prints_it_as_json_on_request(
    name: str, command: click.Command
) -> None:
    has_json = any("--json" in parameter.opts for parameter in command.params)
    assert has_json or any(name in names for names in WITHOUT_JSON.values()), (
        "give it --json, or say in WITHOUT_JSON why it needs none"
    )


if __name__ == "__main__":
    DOCUMENT.write_text(document())
