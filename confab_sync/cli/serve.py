"""`confab serve`: the store over HTTP, for several machines and people."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from confab_sync.errors import ConfabError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.cli.context import Context
    from confab_sync.server.running import Options


SUBCOMMANDS = {
    "users": "confab_sync.cli.serve_users",
    "keys": "confab_sync.cli.serve_users",
    "check": "confab_sync.cli.serve_care",
    "prune": "confab_sync.cli.serve_care",
    "backup": "confab_sync.cli.serve_care",
}
"""The commands below `confab serve` and the modules that hold each under its name."""


class _Subcommands(click.Group):
    """The commands below `confab serve`, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names."""
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command when it is wanted."""
        if cmd_name not in SUBCOMMANDS:
            return None
        import importlib

        found: Any = getattr(importlib.import_module(SUBCOMMANDS[cmd_name]), cmd_name)
        assert isinstance(found, click.Command)  # noqa: S101
        return found


@click.group(
    "serve",
    cls=_Subcommands,
    invoke_without_command=True,
    short_help="Serve the store to confab clients over HTTP.",
    epilog="Example: confab serve --port 8790",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port",
    default=8790,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="The port to listen at; 0 takes a free one.",
)
@click.option("--tls-cert", metavar="FILE", default="", help="A certificate chain in PEM.")
@click.option("--tls-key", metavar="FILE", default="", help="Its private key in PEM.")
@click.option("--behind-proxy", is_flag=True, help="A proxy of mine adds TLS.")
@click.option("--public-url", metavar="URL", default="", help="The address that people type.")
@click.option(
    "--keep", metavar="AGE", default="", help="Remove what nothing reached for so long: 400d, 12w."
)
@click.option(
    "--print-unit",
    type=click.Choice(["systemd", "launchd"]),
    help="Print a unit that starts the server with the other options, and serve nothing.",
)
@click.pass_context
def group(
    ctx: click.Context,
    host: str,
    port: int,
    tls_cert: str,
    tls_key: str,
    behind_proxy: bool,
    public_url: str,
    keep: str,
    print_unit: str | None,
) -> None:
    """Serve the store to confab clients over HTTP, until it is stopped.

    Without TLS, only this machine can reach the server. With --keep, sessions of all users in
    which nothing has arrived for longer than AGE are removed, now and from then on; `confab
    serve prune --dry-run` says beforehand which those are.
    """
    if ctx.invoked_subcommand is not None:
        return
    require_server()
    from confab_sync.cli.serving import local
    from confab_sync.server.running import Options, check_options, serve

    context: Context = ctx.obj
    options = Options(
        store=context.paths.store,
        host=host,
        port=port,
        tls_cert=tls_cert,
        tls_key=tls_key,
        behind_proxy=behind_proxy,
        public_url=_origin(public_url),
    )
    remove_old = _remover(context, keep) if keep else None
    if print_unit is not None:
        check_options(options)
        click.echo(_unit(context, options, keep, print_unit), nl=False)
        return
    serve(options, click.echo, local(context.paths), remove_old)


def _remover(context: Context, keep: str) -> Callable[[int], int]:
    """What removes so many sessions of more than an age, and says how many it did."""
    from confab_sync.cli.pruning import limit_of, parse_age, prune
    from confab_sync.store.store import Store

    age = parse_age(keep)
    limit_of(context, age)

    def remove(at_most: int) -> int:
        with Store.open(context.paths.store, clock=context.clock, create=False) as store:
            sessions = {session.session_id: session for session in store.sessions()}
            limit = limit_of(context, age)
            return len(prune(context, store, limit, sessions, at_most=at_most).session_ids)

    return remove


def _unit(context: Context, options: Options, keep: str, kind: str) -> str:
    from confab_sync.cli.units import LAUNCHD, unit
    from confab_sync.paths import make_private_directory

    here = os.getcwd()
    words = ["--host", options.host, "--port", str(options.port)]
    for name, file in (("--tls-cert", options.tls_cert), ("--tls-key", options.tls_key)):
        words += [name, os.path.join(here, file)] if file else []
    words += ["--behind-proxy"] if options.behind_proxy else []
    words += ["--public-url", options.public_url] if options.public_url else []
    words += ["--keep", keep] if keep else []
    if kind == LAUNCHD:  # which makes no directory for what the server says
        make_private_directory(context.paths.logs, may_be_link=True)
    return unit(kind, words, context.paths, context.environ)


def require_server() -> None:
    """Raise `ConfabError` when the libraries of the server are not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "jinja2")):
        from confab_sync.installer import server_command

        raise ConfabError(f"the server is an extra; to have it: {server_command()}")


def _origin(url: str) -> str:
    from urllib.parse import urlsplit

    if not url:
        return ""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or parts.path.strip("/") or parts.query:
        raise UsageError("--public-url is an origin, such as https://confab.example.com")
    return f"{parts.scheme}://{parts.netloc}".lower()
