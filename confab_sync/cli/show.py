"""`confab show`: one session's conversation, to read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id
from confab_sync.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from confab_sync.claude.conversation import Block, Entry
    from confab_sync.claude.markdown import Style
    from confab_sync.cli.context import Context
    from confab_sync.cli.conversations import Conversations

LOOK_AGAIN = 0.5
"""Seconds between two looks for something new."""


@click.command(
    short_help="Show the conversation of a session.",
    epilog="Example: confab show 1f3a --tools | less",
)
@click.argument("session_id", metavar="ID", shell_complete=complete_id)
@click.option("--subagents", is_flag=True, help="What subagents said, where they were called.")
@click.option("--tools", is_flag=True, help="What tools were given and gave back, unfolded.")
@click.option("--thinking", is_flag=True, help="What the model thought, too.")
@click.option("--markdown", is_flag=True, help="Print Markdown as it is, without a pager.")
@click.option("--follow", is_flag=True, help="Go on with what is said from now on, until Ctrl-C.")
@json_option
@click.pass_obj
def command(
    context: Context,
    session_id: str,
    subagents: bool,
    tools: bool,
    thinking: bool,
    markdown: bool,
    follow: bool,
    as_json: bool,
) -> None:
    """Show the conversation of the session whose id starts with ID.

    It is read where it is archived, so secrets are masked. On a terminal it goes through a pager
    ($PAGER).
    """
    from confab_sync.claude.markdown import Style
    from confab_sync.cli.conversations import Conversations, paragraphs
    from confab_sync.cli.session_source import opened_source

    if follow and (as_json or subagents):
        raise click.UsageError("--follow goes with neither --json nor --subagents")
    with opened_source(context, session_id) as source:
        read = Conversations(source)
        if as_json:
            _print_json(read, subagents=subagents)
            return
        style = Style(tools=tools, thinking=thinking)
        if follow:
            said = _followed(read, style, time.sleep)
        else:
            said = paragraphs(read, style, subagents=subagents)
        if markdown:
            _print_plainly(said)
        else:
            _print_rendered(said, paged=not follow)


def _followed(read: Conversations, style: Style, pause: Callable[[float], None]) -> Iterator[str]:
    """What was said so far, then whatever comes."""
    from confab_sync.claude.markdown import MarkdownWriter, title

    yield from title(read.heading())
    writer = MarkdownWriter(style)
    while True:
        for entry in read.growth():
            yield from writer.write(entry)
        pause(LOOK_AGAIN)


def _print_plainly(paragraphs: Iterable[str]) -> None:
    from confab_sync.cli.terminal import is_terminal, readable, safe

    to_terminal = is_terminal()
    for number, paragraph in enumerate(paragraphs):
        # What is piped may end on a terminal all the same.
        shown = safe(paragraph) if to_terminal else readable(paragraph)
        click.echo(f"\n{shown}" if number else shown)


def _print_rendered(paragraphs: Iterable[str], *, paged: bool) -> None:
    """On a terminal with colour, and through a pager if `paged`; else as Markdown."""
    from confab_sync.cli.terminal import is_terminal, rendered

    if not is_terminal():
        _print_plainly(paragraphs)
    elif paged:
        click.echo_via_pager(rendered(paragraphs), color=True)
    else:
        for text in rendered(paragraphs):
            click.echo(text, nl=False, color=True)


def _print_json(read: Conversations, *, subagents: bool) -> None:
    import json

    heading = read.heading()
    shown: dict[str, object] = {
        "id": heading.external_id,
        "title": heading.title,
        "project": heading.project,
        "branch": heading.branch,
        "entries": [_entry(entry) for entry in read.main()],
    }
    if subagents:
        shown["subagents"] = {
            agent_id: [_entry(entry) for entry in said] for agent_id, said in read.agents().items()
        }
    click.echo(json.dumps(shown, indent=2))


def _entry(entry: Entry) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "line": entry.line,
        "role": entry.role,
        "timestamp": entry.moment.isoformat() if entry.moment else None,
        "model": entry.model or None,
        "hidden": entry.hidden,
        "blocks": [{"type": _kind(block), **asdict(block)} for block in entry.blocks],
    }


def _kind(block: Block) -> str:
    """`tool_call` for a `ToolCall`."""
    name = type(block).__name__
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
