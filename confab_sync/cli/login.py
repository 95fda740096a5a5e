"""`confab login` and `confab logout`: the key with which sessions are sent to a server."""

from __future__ import annotations

import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import click

from confab_sync.cli.binding import bound, config_dir_option, place_of, with_binding
from confab_sync.errors import UsageError
from confab_sync.paths import PROVIDER
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from confab_sync.backends.http.client import Client
    from confab_sync.cli.binding import Place
    from confab_sync.cli.context import Context
    from confab_sync.config import Config


@click.command("login", epilog="Example: confab login --backend-url https://confab.example.com")
@click.option("--backend-url", metavar="URL", help="The server; else the one in config.json.")
@click.option("--api-key-stdin", is_flag=True, help="Read a key from standard input.")
@click.option("--api-key-file", metavar="FILE", help="Read a key from a file.")
@click.option("--no-browser", is_flag=True, help="Only print the page's address.")
@config_dir_option
@click.pass_obj
def command(
    context: Context,
    backend_url: str | None,
    api_key_stdin: bool,
    api_key_file: str | None,
    no_browser: bool,
    config_dir: str | None,
) -> None:
    """Log in to a server; from then on sessions are sent there.

    Approve the code on the page that is shown, or give a key of yours on standard input or
    in a file.
    Daemons that run notice by themselves; sessions that ended before are caught up with as
    soon as a hook of any session runs.
    """
    from confab_sync.cli.connecting import checked, client, key_given, key_prefix
    from confab_sync.cli.resuming import see_to_it
    from confab_sync.config import change_config, load_config

    config = load_config(context.paths.config)
    place = place_of(context, config_dir)
    current = bound(config, place)
    if place.directory and not current.is_usable:
        raise UsageError(f"no backend is bound to it; first: confab setup{place.option}")
    url = (backend_url or current.backend_url).rstrip("/")
    if not url:
        raise UsageError(_no_server(config, place))
    key = key_given(on_stdin=api_key_stdin, file=api_key_file)
    if key is None:
        with closing(client(context, config, url, "")) as there:
            name = machine_name(says_host=config.send.hostname)
            key = key_by_device(there, name, browse=not no_browser)
    account = checked(context, config, url, key)
    values: dict[str, object] = {"backend_url": url, "api_key": key}
    if place.directory:
        values["embedded"] = None
    change_config(context.paths.config, lambda c: with_binding(c, place, values))
    see_to_it(context)
    who = printable(account.email)
    click.echo(f"Logged in to {url} as {who}; the key begins with {key_prefix(key)}.")


def _no_server(config: Config, place: Place) -> str:
    named = [each for each in config.bindings.get(PROVIDER, {}).values() if each.backend_url]
    others = "".join(f"; or `{each.login}`" for each in named)
    return f"name the server: confab login{place.option} --backend-url https://…{others}"


@click.command("logout", epilog="Example: confab logout")
@config_dir_option
@click.pass_obj
def logout(context: Context, config_dir: str | None) -> None:
    """Forget the key; nothing is sent until you log in again.

    The server still knows the key: revoke it there if somebody else may have it.
    """
    from confab_sync.config import change_config, load_config

    config = load_config(context.paths.config)
    place = place_of(context, config_dir)
    if not bound(config, place).api_key:
        click.echo("You are not logged in.")
    else:
        change_config(context.paths.config, lambda c: with_binding(c, place, {"api_key": ""}))
        click.echo("Logged out; nothing is sent until you log in again.")
    for other in config.bindings.get(PROVIDER, {}).values():
        if other.api_key and other.directory != place.directory:
            command = other.login.replace("login", "logout", 1)
            click.echo(f"Another login is still there: {printable(other.directory)}; `{command}`")


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
