"""`confab open`: a session's page in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id

if TYPE_CHECKING:
    from confab_sync.cli.context import Context

START = "start `confab serve`, then open it again"


@click.command(
    short_help="Open a session, or what is going on now, in the browser.",
    epilog="Example: confab open 1f3a",
)
@click.argument("session_id", metavar="[ID]", required=False, shell_complete=complete_id)
@click.option("--print", "only_print", is_flag=True, help="Print the address, and open nothing.")
@click.pass_obj
def command(context: Context, session_id: str | None, only_print: bool) -> None:
    """Open the session whose id starts with ID, or what is going on now, in the browser.

    A session that was sent to a server is opened there. One in the store of this machine is
    opened at the `confab serve` that runs here.
    """
    url = _start_page(context) if session_id is None else _session_page(context, session_id)
    click.echo(url)
    if only_print:
        return
    import webbrowser

    from confab_sync.errors import ConfabError

    if not webbrowser.open(url):
        raise ConfabError("there is no browser that could be started; open the address above")


def _session_page(context: Context, wanted: str) -> str:
    """Raises as `session_source.kept` does, and `ConfabError` while nobody serves the store."""
    from urllib.parse import quote

    from confab_sync.cli.session_source import EMBEDDED, kept

    copy = kept(context, wanted)
    server = copy.place
    if server == EMBEDDED:
        server = _served_here(
            context, f"the session {copy.external_id} is in the store of this machine: {START}"
        )
    return f"{server}/sessions/{quote(copy.session_id, safe='')}"


def _start_page(context: Context) -> str:
    """The server of config.json, else the one that runs here."""
    from confab_sync.config import load_config

    server = load_config(context.paths.config).backend_url
    return (server or _served_here(context, f"nobody serves the store: {START}")) + "/"


def _served_here(context: Context, otherwise: str) -> str:
    """Where the `confab serve` of this machine listens. Raises `ConfabError` without one."""
    from confab_sync.errors import ConfabError
    from confab_sync.server.instance import running_at

    running = running_at(context.paths.store)
    url = running.get("url") if running else None
    if not isinstance(url, str):
        raise ConfabError(otherwise)
    _mention_signing_in(context)
    return url


def _mention_signing_in(context: Context) -> None:
    from confab_sync.store.schema import OWNER
    from confab_sync.store.store import Store

    with Store.open(context.paths.store, clock=context.clock, create=False) as store:
        is_new = store.accounts.is_new(OWNER)
    if is_new:
        click.echo(
            "You have not signed in there yet; `confab serve users link` prints a link.", err=True
        )
