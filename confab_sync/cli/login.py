"""`confab login` and `confab logout`: the key with which sessions are sent to a server."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.backends.http.client import Client
    from confab_sync.cli.context import Context
    from confab_sync.config import Config


@click.command("login", epilog="Example: confab login --backend-url https://confab.example.com")
@click.option("--backend-url", metavar="URL", help="The server; else the one in config.json.")
@click.option("--api-key-stdin", is_flag=True, help="Read a key from standard input.")
@click.option("--key-name", metavar="NAME", help="What the server calls the new key.")
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
@click.pass_obj
def command(
    context: Context,
    backend_url: str | None,
    api_key_stdin: bool,
    key_name: str | None,
    no_browser: bool,
) -> None:
    """Log in to a server; from then on sessions are sent there.

    Approve the code on the page that is shown, or give a key of yours on standard input.
    Daemons that run notice by themselves.
    """
    from confab_sync.backends.http.login import owner_of_key
    from confab_sync.config import load_config, write_config

    config = load_config(context.paths.config)
    url = (backend_url or config.backend_url).rstrip("/")
    if not url:
        raise UsageError("name the server: confab login --backend-url https://…")
    if api_key_stdin:
        key = _key_from_input()
    else:
        key = _key_by_device(context, config, url, key_name, browse=not no_browser)
    client = _client(context, config, url, key)
    try:
        email = owner_of_key(client)
    finally:
        client.close()
    write_config(context.paths.config, {"backend_url": url, "api_key": key})
    click.echo(f"Logged in to {url} as {email}; the key begins with {key[:8]}.")


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


def _key_from_input() -> str:
    from confab_sync.backends.http.login import looks_like_a_key

    key = sys.stdin.readline(1000).strip()
    if not looks_like_a_key(key):
        raise UsageError("what is on standard input is no API key: those begin with cfb_")
    return key


def _key_by_device(
    context: Context, config: Config, url: str, key_name: str | None, *, browse: bool
) -> str:
    import platform

    from confab_sync.backends.http.login import begin, wait_for_key

    client = _client(context, config, url, "")
    try:
        code = begin(client, key_name or f"{platform.node() or 'unknown'} (Confab CLI)")
        click.echo(f"Open {code.page}")
        click.echo(f"and approve the code {code.user_code} within {code.expires_in / 60:.0f} min.")
        if browse and sys.stdout.isatty():
            click.launch(code.page)
        return wait_for_key(client, code, time.monotonic, time.sleep)
    finally:
        client.close()


def _client(context: Context, config: Config, url: str, key: str) -> Client:
    from confab_sync.backends.http.address import address
    from confab_sync.backends.http.client import Client
    from confab_sync.backends.http.transport import DeadlineTransport

    plain = config.raw.get("allow_plain_http") is True
    where = address(url, context.environ, allow_plain_http=plain)
    return Client(where, key, lambda: DeadlineTransport(where, context.environ))
