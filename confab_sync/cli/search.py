"""`confab search`: full text over every archived session, wherever it is archived."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from confab_sync.cli.moments import Moment
from confab_sync.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.progress import Progress as Bar
    from rich.text import Text

    from confab_sync.cli.context import Context
    from confab_sync.cli.found import FoundPassage, FoundSession
    from confab_sync.cli.search_places import Search
    from confab_sync.cli.searching import Progress

WORTH_A_BAR = 16_000_000
"""Bytes to index from which a person is shown how it goes on."""


@click.command(
    short_help="Find the sessions in which something was said.",
    epilog='Example: confab search "connection reset" --project ~/app --since 2w',
)
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
    help="At most so many sessions at each place.",
)
@json_option
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

    A server that sessions are sent to searches its own, if it is a `confab serve`. In the
    place of one that does not, the transcripts that are still on this machine are searched.
    The store of this machine is searched in any case.
    """
    from confab_sync.cli.search_places import Wish, everywhere
    from confab_sync.store.names import printable
    from confab_sync.store.words import question

    query = " ".join(words)
    wish = Wish(query, question(query), project, since, limit)
    with _bar() as progress:
        search = everywhere(context, wish, progress)
    for said in (*search.errors, *search.notes):  # what was done instead comes after why
        click.echo(f"confab: {printable(str(said))}", err=True)
    found = list(search.sessions.values())
    if as_json:
        _print_json(found, search)
    else:
        _print(found, wish.question.texts, context.clock())
    if search.errors or not found:
        raise SystemExit(search.errors[0].exit_status if search.errors else 1)


@contextmanager
def _bar() -> Iterator[Progress]:
    """A progress bar on a terminal, once there is enough to do."""
    bar: Bar | None = None

    def tell(done: int, whole: int) -> None:
        nonlocal bar
        if whole < WORTH_A_BAR:
            return
        if bar is None:
            bar = _new_bar()
        if bar.console.is_terminal:
            bar.start()
            bar.update(bar.task_ids[0], completed=done, total=whole)

    try:
        yield tell
    finally:
        if bar is not None and bar.live.is_started:  # another would print an empty line
            bar.stop()


def _new_bar() -> Bar:
    from rich.progress import Progress as Bar

    from confab_sync.cli.screen import console

    bar = Bar(console=console(errors=True), transient=True)
    bar.add_task("Indexing", total=None)
    return bar


def _print(hits: Sequence[FoundSession], wanted: Sequence[str], now: datetime) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from confab_sync.cli.screen import console
    from confab_sync.store.names import printable

    screen = console()
    places = dict.fromkeys(hit.place for hit in hits)
    place = ""
    for number, hit in enumerate(hits):
        if number:
            screen.print()
        if len(places) > 1 and hit.place != place:
            place = hit.place
            screen.print(Text(f"At {printable(place)}:\n", style="bold"), soft_wrap=True)
        heading = _heading(hit, now)
        if screen.is_terminal:
            screen.print(heading, no_wrap=True, overflow="ellipsis")
        else:
            screen.print(heading, soft_wrap=True)
        for found in hit.passages:
            line = _line(found, wanted)
            if screen.is_terminal:
                screen.print(Padding(line[2:], (0, 0, 0, 2), expand=False))
            else:
                screen.print(line, soft_wrap=True)
        if hit.count > len(hit.passages):
            screen.print(Text(f"  … and {hit.count - len(hit.passages)} more", style="dim"))
    if not hits:
        click.echo("Nothing was found.", err=True)


def _heading(hit: FoundSession, now: datetime) -> Text:
    """`1f3a9c02  2 d ago  app  Fix the login`: enough to know the session again."""
    from rich.text import Text

    from confab_sync.cli.status_table import age, short_id
    from confab_sync.store.names import printable

    return Text.assemble(
        (printable(short_id(hit.external_id)), "bold cyan"),
        ("  " + age(hit.last.isoformat(), now) + " ago", "dim"),
        ("  " + printable(os.path.basename(hit.project.rstrip("/"))), "green"),
        "  " + printable(hit.title),
    )


def _line(found: FoundPassage, wanted: Sequence[str]) -> Text:
    """`  assistant:12  … the words …`: the line's number leads to it in the transcript."""
    from rich.text import Text

    from confab_sync.store.names import printable
    from confab_sync.store.snippets import snippet

    text = Text("  ")
    text.append(f"{_agent(found.file)}{printable(found.role)}:{found.line}  ", style="dim")
    for piece, is_hit in snippet(found.text, wanted):
        text.append(piece, style="bold yellow" if is_hit else "")
    return text


def _agent(file: str) -> str:
    """What is put before the role in a subagent's file."""
    return "subagent " if os.path.basename(file).startswith("agent-") else ""


def _print_json(hits: Sequence[FoundSession], search: Search) -> None:
    import json

    listed = [
        {
            "id": hit.external_id,
            "session_id": hit.session_id,
            "place": hit.place,
            "project": hit.project or None,
            "title": hit.title,
            "matches": hit.count,
            "passages": [
                {
                    "file": found.file,
                    "line": found.line,
                    "role": found.role,
                    "timestamp": found.moment,
                    "text": found.text,
                }
                for found in hit.passages
            ],
        }
        for hit in hits
    ]
    problems = [*search.notes, *map(str, search.errors)]
    click.echo(json.dumps({"sessions": listed, "problems": problems}, indent=2))
