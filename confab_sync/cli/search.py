"""`confab search`: full text over every archived session."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from confab_sync.cli.moments import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.text import Text

    from confab_sync.cli.context import Context
    from confab_sync.cli.searching import Progress
    from confab_sync.store.index import Found
    from confab_sync.store.search import Hit
    from confab_sync.store.values import StoredSession

WORTH_A_BAR = 16_000_000
"""Bytes to index from which a person is shown how it goes on."""


@click.command(epilog='Example: confab search "connection reset" --project ~/app --since 2w')
@click.argument("words", metavar="QUERY...", nargs=-1, required=True)
@click.option("--project", metavar="PATH", help="Only sessions in this directory or below it.")
@click.option("--since", type=Moment(lambda: datetime.now(UTC)), help="Only sessions since then.")
@click.option(
    "-n",
    "--limit",
    type=click.IntRange(1, 1000),
    default=10,
    show_default=True,
    metavar="N",
    help="At most so many sessions.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def command(
    context: Context,
    words: Sequence[str],
    project: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find sessions in which all words of QUERY were said, the best ones first.

    "Several words" stand together, begin* is the beginning of a word, and what has a minus in
    front must not be there (write `--` before a query that begins with one). What people and
    models said is searched, and what tools were given and gave back.
    """
    from confab_sync.cli.searching import opened_index, update
    from confab_sync.store.search import search
    from confab_sync.store.words import question

    asked = question(" ".join(words))
    with opened_index(context) as (store, index):
        with _bar() as progress:
            is_whole = update(store, index, progress)
        if not is_whole:
            click.echo("confab: the index is being brought up to date elsewhere", err=True)
        wanted = filter(_filter(project, since), store.sessions())
        hits = search(index, asked, wanted, limit).hits
    if as_json:
        _print_json(hits)
    else:
        _print(hits, asked.texts, context.clock())
    if not hits:
        raise SystemExit(1)


def _filter(project: str | None, since: datetime | None) -> Callable[[StoredSession], bool]:
    from confab_sync.cli.choosing import is_below

    def is_wanted(session: StoredSession) -> bool:
        if project is not None and not is_below(session.cwd or "", project):
            return False
        return since is None or (session.last_message_at or session.last_sync_at) >= since

    return is_wanted


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on a terminal, once there is enough to do."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    bar = Bar(console=console, transient=True)
    task = bar.add_task("Indexing", total=None)

    def tell(done: int, whole: int) -> None:
        if console.is_terminal and whole >= WORTH_A_BAR:
            bar.start()
            bar.update(task, completed=done, total=whole)

    try:
        yield tell
    finally:
        bar.stop()


def _print(hits: Sequence[Hit], wanted: Sequence[str], now: datetime) -> None:
    from rich.text import Text

    from confab_sync.cli.status_table import console

    screen = console()
    for number, hit in enumerate(hits):
        if number:
            screen.print()
        screen.print(_heading(hit, now), soft_wrap=True)
        for found in hit.passages:
            screen.print(_line(found, wanted), soft_wrap=not screen.is_terminal)
        if hit.count > len(hit.passages):
            screen.print(Text(f"  … and {hit.count - len(hit.passages)} more", style="dim"))
    if not hits:
        click.echo("Nothing was found.", err=True)


def _heading(hit: Hit, now: datetime) -> Text:
    """`1f3a9c02  2 d ago  app  Fix the login`: enough to know the session again."""
    from rich.text import Text

    from confab_sync.cli.choosing import title
    from confab_sync.cli.status_table import age, short_id
    from confab_sync.store.names import printable

    session = hit.session
    last = session.last_message_at or session.last_sync_at
    return Text.assemble(
        (printable(short_id(session.external_id)), "bold cyan"),
        ("  " + age(last.isoformat(), now) + " ago", "dim"),
        ("  " + printable(os.path.basename((session.cwd or "").rstrip("/"))), "green"),
        "  " + printable(title(session)),
    )


def _line(found: Found, wanted: Sequence[str]) -> Text:
    """`  assistant:12  … the words …`: the line's number leads to it in the transcript."""
    from rich.text import Text

    from confab_sync.store.names import printable
    from confab_sync.store.snippets import snippet

    text = Text("  ")
    text.append(
        f"{_agent(found.file)}{printable(found.passage.role)}:{found.passage.line}  ", style="dim"
    )
    for piece, is_hit in snippet(found.passage.text, wanted):
        text.append(piece, style="bold yellow" if is_hit else "")
    return text


def _agent(file: str) -> str:
    """What is put before the role in a subagent's file."""
    return "subagent " if os.path.basename(file).startswith("agent-") else ""


def _print_json(hits: Sequence[Hit]) -> None:
    import json

    from confab_sync.cli.choosing import title

    listed = [
        {
            "id": hit.session.external_id,
            "session_id": hit.session.session_id,
            "project": hit.session.cwd,
            "title": title(hit.session),
            "matches": hit.count,
            "passages": [
                {
                    "file": found.file,
                    "line": found.passage.line,
                    "role": found.passage.role,
                    "timestamp": found.passage.moment,
                    "text": found.passage.text,
                }
                for found in hit.passages
            ],
        }
        for hit in hits
    ]
    click.echo(json.dumps({"sessions": listed}, indent=2))
