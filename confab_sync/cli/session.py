"""`confab session`: the files of one archived session, wherever it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id
from confab_sync.cli.options import json_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.cli.context import Context
    from confab_sync.store.export import ExportedFile
    from confab_sync.store.source import Source, SourceFile, SourceSideFile


@click.group("session", epilog="Example: confab session list-files 1f3a")
def group() -> None:
    """Look into one archived session, or take its files out."""


@group.command("list-files", epilog="Example: confab session list-files 1f3a")
@click.argument("session_id", metavar="ID", shell_complete=complete_id)
@json_option
@click.pass_obj
def list_files(context: Context, session_id: str, as_json: bool) -> None:
    """List the archived files of the session whose id starts with ID.

    They are listed where they are kept: in the store, or at the server they were sent to.
    """
    from confab_sync.cli.session_source import opened_source

    with opened_source(context, session_id) as source:
        _mention_the_server(context, source)
        files, side_files = source.files(), source.side_files()
        if as_json:
            _print_json(_listing(source, files, side_files))
        elif files or side_files:
            _print_table(files, side_files)
        else:
            _print_nothing(source)


@group.command(
    "download",
    short_help="Write a session's files as Claude Code lays them out.",
    epilog="Example: confab session download 1f3a --output-dir copy",
)
@click.argument("session_id", metavar="ID", shell_complete=complete_id)
@click.option(
    "--output-dir",
    metavar="DIR",
    default=".",
    type=click.Path(file_okay=False),
    help="Where to write; by default the current directory.",
)
@click.option("--file", "only", metavar="NAME", help="Only this file, by its listed name.")
@json_option
@click.pass_obj
def download(
    context: Context, session_id: str, output_dir: str, only: str | None, as_json: bool
) -> None:
    """Write the files of the session whose id starts with ID, as Claude Code lays them out.

    Existing files are never overwritten: one with the same content is left alone, one with
    another content stops the command before anything is written.
    """
    from confab_sync.cli.session_source import opened_source
    from confab_sync.store.export import export

    with opened_source(context, session_id) as source:
        _mention_the_server(context, source)
        exported = export(source, output_dir, only)
        if as_json:
            _print_json(_exports(source, exported))
            return
        for file in exported:
            _print_exported(file)
        if not exported:
            _print_nothing(source)


@group.command(
    "get-summary",
    short_help="Print what was said in a session, condensed for a model.",
    epilog="Example: confab session get-summary 1f3a --max-bytes 8000",
)
@click.argument("session_id", metavar="ID", shell_complete=complete_id)
@click.option(
    "--max-bytes",
    type=click.IntRange(1),
    metavar="N",
    help="Leave out the beginning where it would be longer than that.",
)
@click.pass_obj
def get_summary(context: Context, session_id: str, max_bytes: int | None) -> None:
    """Print what was said in the session whose id starts with ID, condensed for a model.

    What tools were given and gave back is left out (the contract's condensed transcript).
    """
    from confab_sync.claude.condensed import condense
    from confab_sync.claude.layout import AGENT, TRANSCRIPT
    from confab_sync.cli.session_source import opened_source

    with opened_source(context, session_id) as source:
        _mention_the_server(context, source)
        told = [file.name for file in source.files() if file.file_type in (TRANSCRIPT, AGENT)]
        click.echo(condense((source.read_file(name) for name in told), max_bytes))


def _mention_the_server(context: Context, source: Source) -> None:
    """Say so when a server is configured and what is shown is not what it has."""
    from confab_sync.cli.session_source import EMBEDDED
    from confab_sync.config import load_config
    from confab_sync.errors import ConfigError

    if source.place != EMBEDDED:
        return
    try:
        elsewhere = load_config(context.paths.config).backend != "embedded"
    except ConfigError:  # the store can be read without it
        return
    if elsewhere:
        click.echo("confab: this copy is in the store on this machine, not at the server", err=True)


def _listing(
    source: Source, files: Sequence[SourceFile], side_files: Sequence[SourceSideFile]
) -> dict[str, object]:
    return {
        "backend": source.place,
        "session_id": source.session_id,
        "external_id": source.external_id,
        "files": [
            {
                "name": file.name,
                "type": file.file_type,
                "lines": file.lines,
                "bytes": file.bytes,
                "generation": file.generation,
                "updated_at": file.updated_at,
            }
            for file in files
        ],
        "side_files": [
            {"name": file.name, "bytes": file.bytes, "updated_at": file.updated_at}
            for file in side_files
        ],
    }


def _exports(source: Source, exported: list[ExportedFile]) -> dict[str, object]:
    return {
        "backend": source.place,
        "session_id": source.session_id,
        "external_id": source.external_id,
        "files": [
            {"name": file.name, "path": file.path, "bytes": file.bytes, "written": file.written}
            for file in exported
        ],
    }


def _print_json(value: dict[str, object]) -> None:
    import json

    click.echo(json.dumps(value, indent=2))


def _print_nothing(source: Source) -> None:
    from confab_sync.store.names import printable

    click.echo(f"Session {printable(source.external_id)} has no files yet.")


def _print_exported(file: ExportedFile) -> None:
    from confab_sync.store.names import printable

    note = "" if file.written else " (was there already)"
    click.echo(f"{printable(file.path)}  {file.bytes} bytes{note}")


def _print_table(files: Sequence[SourceFile], side_files: Sequence[SourceSideFile]) -> None:
    from rich.table import Table
    from rich.text import Text

    from confab_sync.cli.screen import console, records
    from confab_sync.store.names import printable

    rows = [
        # The API does not tell how many bytes.
        (file.name, file.file_type, str(file.lines), "-" if file.bytes is None else str(file.bytes))
        for file in files
    ]
    rows += [(each.name, "side file", "", str(each.bytes)) for each in side_files]
    screen = console()
    if screen.is_narrow:
        screen.print(records(("file", "type", "lines", "bytes"), rows))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("type")
    table.add_column("lines", justify="right")
    table.add_column("bytes", justify="right")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    screen.print(table)
