"""`confab export`: sessions as files for other programs, or for people."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from confab_sync.cli.context import Context
    from confab_sync.store.source import Source

ENDINGS = {"markdown": ".md", "html": ".html"}


@click.command(
    short_help="Write sessions as files, as Markdown or as web pages.",
    epilog="Example: confab export 1f3a 9bc0 --format html ~/conversations",
)
@click.argument("session_ids", metavar="[ID...]", nargs=-1, shell_complete=complete_id)
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False))
@click.option("--all", "everything", is_flag=True, help="Every archived session.")
@click.option(
    "--format",
    "as_what",
    type=click.Choice(["jsonl", *ENDINGS]),
    default="jsonl",
    show_default=True,
    help="The files as they are archived, or one document a session.",
)
@click.option("--tools", is_flag=True, help="In documents: tools and their results unfolded.")
@click.option("--force", is_flag=True, help="Replace documents that are there and differ.")
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what was written where.")
@click.pass_obj
def command(
    context: Context,
    session_ids: Sequence[str],
    directory: str,
    everything: bool,
    as_what: str,
    tools: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Write sessions, by any unique beginnings of their ids, into DIR.

    What is there already with the same content is left alone, so that it can be repeated. A
    session that cannot be written does not keep the others from being written.
    """
    from confab_sync.cli.session_source import archived_ids, opened_source
    from confab_sync.errors import ConfabError
    from confab_sync.store.export import export
    from confab_sync.store.names import printable

    if bool(session_ids) == everything:
        raise click.UsageError("name the sessions, or --all, before the directory")
    failures = []
    rows: list[dict[str, object]] = []
    chosen = archived_ids(context) if everything else session_ids
    for wanted in chosen:
        try:
            with opened_source(context, wanted) as source:
                if as_what == "jsonl":
                    place = os.path.join(directory, source.external_id)
                    written = any(file.written for file in export(source, place))
                else:
                    name = source.external_id + ENDINGS[as_what]
                    place = os.path.join(directory, name)
                    written = _write(place, _document(source, as_what, tools=tools), force=force)
            rows.append({"id": source.external_id, "path": place, "written": written})
            if not as_json:
                click.echo(f"{printable(place)}{'' if written else ' (was there already)'}")
        except ConfabError as error:
            failures.append(error)
            click.echo(printable(f"confab: {wanted}: {error}"), err=True)
    if as_json:
        click.echo(json.dumps({"sessions": rows}, indent=2))
    elif not chosen:
        click.echo("No session is archived yet.", err=True)
    if failures:
        raise SystemExit(failures[0].exit_status)


def _document(source: Source, as_what: str, *, tools: bool) -> Iterator[str]:
    from confab_sync.claude.markdown import Style
    from confab_sync.cli.conversations import Conversations, paragraphs
    from confab_sync.cli.terminal import readable
    from confab_sync.cli.webpage import page

    read = Conversations(source)
    said = map(readable, paragraphs(read, Style(tools=tools), subagents=True))
    if as_what == "html":
        yield from page(readable(read.heading().title or source.external_id), said)
        return
    for number, paragraph in enumerate(said):
        yield f"\n{paragraph}\n" if number else f"{paragraph}\n"


def _write(path: str, pieces: Iterator[str], *, force: bool) -> bool:
    """Put a document in its place, whole or not at all; False when it is there already."""
    from confab_sync.errors import ConfabError
    from confab_sync.files import replace_private_file
    from confab_sync.paths import make_private_directory

    data = "".join(pieces).encode("utf-8", "replace")
    try:
        if os.path.lexists(path):
            with open(path, "rb") as stream:
                if stream.read() == data:
                    return False
            if not force:
                raise ConfabError(f"{path} exists and is different; --force replaces it")
        if not os.path.isdir(directory := os.path.dirname(path)):
            make_private_directory(directory or ".")
        replace_private_file(path, data)
    except OSError as error:
        raise ConfabError(f"{path} cannot be written: {error.strerror}") from error
    return True
