"""`confab login` and `confab logout`: the key with which sessions are sent to a server."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.backends.http.client import Client
    from confab_sync.cli.context import Context


@click.command("login", epilog="Example: confab login --backend-url https://confab.example.com")
@click.option("--backend-url", metavar="URL", help="The server; else the one in config.json.")
@click.option("--api-key-stdin", is_flag=True, help="Read a key from standard input.")
@click.option("--api-key-file", metavar="FILE", help="Read a key from a file.")
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
@click.pass_obj
def command(
    context: Context,
    backend_url: str | None,
    api_key_stdin: bool,
    api_key_file: str | None,
    no_browser: bool,
) -> None:
    """Log in to a server; from then on sessions are sent there.

    Approve the code on the page that is shown, or give a key of yours on standard input or
    in a file.
    Daemons that run notice by themselves; sessions that ended before are caught up with as
    soon as a hook of any session runs.
    """
    from confab_sync.cli.connecting import checked, client, key_given, key_prefix
    from confab_sync.cli.resuming import see_to_it
    from confab_sync.config import load_config, write_config
    from confab_sync.store.names import printable

    config = load_config(context.paths.config)
    url = (backend_url or config.backend_url).rstrip("/")
    if not url:
        raise UsageError("name the server: confab login --backend-url https://…")
    key = key_given(on_stdin=api_key_stdin, file=api_key_file)
    if key is None:
        with closing(client(context, config, url, "")) as there:
            name = machine_name(says_host=config.send.hostname)
            key = key_by_device(there, name, browse=not no_browser)
    account = checked(context, config, url, key)
    write_config(context.paths.config, {"backend_url": url, "api_key": key})
    see_to_it(context)
    who = printable(account.email)
    click.echo(f"Logged in to {url} as {who}; the key begins with {key_prefix(key)}.")


@click.command("logout", epilog="Example: confab logout")
@click.pass_obj
def logout(context: Context) -> None:
    """Forget the key; nothing is sent until you log in again.

    The server still knows the key: revoke it there if somebody else may have it.
    """
    from confab_sync.config import load_config, write_config

    if not load_config(context.paths.config).api_key:
        click.echo("You are not logged in.")
        return
    write_config(context.paths.config, {"api_key": ""})
    click.echo("Logged out; nothing is sent until you log in again.")


def machine_name(*, says_host: bool) -> str:
    """What the key is to be called; one by itself where the host's name is not to be sent.

    A server replaces an older key of the same name (contract §2.11).
    """
    import platform
    import secrets

    return (says_host and platform.node()) or f"machine-{secrets.token_hex(4)}"


def key_by_device(client: Client, name: str, *, browse: bool) -> str:
    """A key called `name`, once the user has approved it on a page. Raises `BackendError`."""
    from confab_sync.backends.http.account import request_code, wait_for_key

    code = request_code(client, name)
    click.echo(f"Open {code.link}")
    click.echo(f"and approve the code {code.user_code} within {code.expires_in / 60:.0f} min.")
    if browse and sys.stdout.isatty():
        click.launch(code.link)
    return wait_for_key(client, code, clock=time.monotonic, pause=time.sleep)
