"""`confab session`: the files of one stored session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.store.export import ExportedFile
    from confab_sync.store.store import Store
    from confab_sync.store.values import StoredFile, StoredSession, StoredSideFile


@click.group("session")
def group() -> None:
    """Look into one stored session, or take its files out."""


@group.command("list-files", epilog="Example: confab session list-files 1f3a")
@click.argument("session_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def list_files(context: Context, session_id: str, as_json: bool) -> None:
    """List the stored files of the session whose id starts with ID."""
    with _store_with(context, session_id) as store:
        session = store.find_session(session_id)
        files = store.files(session.session_id)
        side_files = store.side_files(session.session_id)
    if as_json:
        _print_json(_listing(session, files, side_files))
    elif files or side_files:
        _print_table(files, side_files)
    else:
        click.echo(f"Session {session.external_id} has no files yet.")


@group.command("download", epilog="Example: confab session download 1f3a --output-dir copy")
@click.argument("session_id", metavar="ID")
@click.option(
    "--output-dir",
    metavar="DIR",
    default=".",
    type=click.Path(file_okay=False),
    help="Where to write; by default the current directory.",
)
@click.option("--file", "only", metavar="NAME", help="Only this file, by its listed name.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
def download(
    context: Context, session_id: str, output_dir: str, only: str | None, as_json: bool
) -> None:
    """Write the files of the session whose id starts with ID, as Claude Code lays them out.

    Existing files are never overwritten: one with the same content is left alone, one with
    another content stops the command before anything is written.
    """
    from confab_sync.store.export import export

    with _store_with(context, session_id) as store:
        session = store.find_session(session_id)
        exported = export(store, session, output_dir, only)
    if as_json:
        _print_json(_exports(session, exported))
        return
    for file in exported:
        _print_exported(file)
    if not exported:
        click.echo(f"Session {session.external_id} has no files yet.")


def _store_with(context: Context, session_id: str) -> Store:
    """Open the store in which a session is wanted; where there is none yet, nor is the session."""
    import os

    from confab_sync.errors import SessionNotFound
    from confab_sync.store.store import Store

    if not os.path.exists(context.paths.store):
        raise SessionNotFound(session_id)
    return Store.open(context.paths.store, clock=context.clock, create=False)


def _listing(
    session: StoredSession, files: list[StoredFile], side_files: list[StoredSideFile]
) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "external_id": session.external_id,
        "files": [
            {
                "name": file.name,
                "type": file.file_type,
                "lines": file.lines,
                "bytes": file.bytes,
                "generation": file.generation,
                "updated_at": file.updated_at.isoformat(),
            }
            for file in files
        ],
        "side_files": [
            {"name": file.name, "bytes": file.bytes, "updated_at": file.updated_at.isoformat()}
            for file in side_files
        ],
    }


def _exports(session: StoredSession, exported: list[ExportedFile]) -> dict[str, object]:
    return {
        "session_id": session.session_id,
        "external_id": session.external_id,
        "files": [
            {"name": file.name, "path": file.path, "bytes": file.bytes, "written": file.written}
            for file in exported
        ],
    }


def _print_json(value: dict[str, object]) -> None:
    import json

    click.echo(json.dumps(value, indent=2))


def _print_exported(file: ExportedFile) -> None:
    from confab_sync.store.names import printable

    note = "" if file.written else " (was there already)"
    click.echo(f"{printable(file.path)}  {file.bytes} bytes{note}")


def _print_table(files: list[StoredFile], side_files: list[StoredSideFile]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from confab_sync.store.names import printable

    table = Table(box=None, pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("type")
    table.add_column("lines", justify="right")
    table.add_column("bytes", justify="right")
    for file in files:
        name = Text(printable(file.name))
        table.add_row(name, Text(printable(file.file_type)), str(file.lines), str(file.bytes))
    for side_file in side_files:
        table.add_row(Text(printable(side_file.name)), "side file", "", str(side_file.bytes))
    console = Console()
    if not console.is_terminal:
        console.width = 10_000  # a pipe has no width; nobody wants names folded there
    console.print(table)
