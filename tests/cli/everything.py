"""Words with which each command of `confab` does something, made from the commands themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from confab_sync.cli.main import cli
from tests.test_commands import leaves

if TYPE_CHECKING:
    from collections.abc import Mapping

VALUES = {
    "words": "hello",
    "directory": "out",
    "file": "copy",
    "email": "ann@example.com",
    "name": "laptop",
    "key": "log_level",
    "value": "debug",
    "shell": "bash",
    "path": "app",
    "keep": "1000d",
    "url": "http://127.0.0.1:1",
}
"""What stands for an argument, by its name; for others it is `x`."""

MORE: Mapping[str, tuple[str, ...]] = {
    "confab serve": ("--port", "0"),
    "confab demo": ("--seconds", "0.2"),
    "confab forget": ("--yes",),
    "confab store prune": ("--dry-run",),
    "confab login": ("--no-browser", "--backend-url", "http://127.0.0.1:1"),
    "confab setup": ("--no-import",),
}
"""Options without which a command asks, or goes on for long."""

STAYS = frozenset({"confab serve"})
"""Commands that go on until they are stopped."""


@dataclass(frozen=True, slots=True)
class Usage:
    """One command: `words` follow `confab`; in them `ID` stands for a session's id."""

    name: str
    words: tuple[str, ...]

    @property
    def takes_id(self) -> bool:
        """Whether it is about a session that is named."""
        return "ID" in self.words

    def about(self, external_id: str) -> list[str]:
        """The words for this session."""
        return [external_id if word == "ID" else word for word in self.words]


def usages() -> list[Usage]:
    """Every command there is, each in the simplest way that does something."""
    return [Usage(name, tuple(_words(name, command))) for name, command in leaves(cli)]


def _words(name: str, command: click.Command) -> list[str]:
    words = name.split()[1:]
    for param in command.params:
        is_id = "ID" in (param.metavar or "") if isinstance(param, click.Argument) else False
        if is_id:
            words.append("ID")
        elif isinstance(param, click.Argument):
            words.append(VALUES.get(str(param.name), "x"))
        elif param.required:
            words += [param.opts[0], VALUES.get(str(param.name), "x")]
    return [*words, *MORE.get(name, ())]
