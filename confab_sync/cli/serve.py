"""`confab serve`: the store over HTTP, for several machines and people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from confab_sync.errors import ConfabError, UsageError

if TYPE_CHECKING:
    from confab_sync.cli.context import Context


class _Subcommands(click.Group):
    """The groups below `confab serve`, imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names."""
        return ["users", "keys"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the groups when one of them is wanted."""
        if cmd_name not in self.list_commands(ctx):
            return None
        from confab_sync.cli import serve_users

        return serve_users.users if cmd_name == "users" else serve_users.keys


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
@click.pass_context
def group(
    ctx: click.Context,
    host: str,
    port: int,
    tls_cert: str,
    tls_key: str,
    behind_proxy: bool,
    public_url: str,
) -> None:
    """Serve the store to confab clients over HTTP, until it is stopped.

    Without TLS, only this machine can reach the server.
    """
    if ctx.invoked_subcommand is not None:
        return
    require_server()
    from confab_sync.cli.serving import local
    from confab_sync.server.running import Options, serve

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
    serve(options, click.echo, local(context.paths))


def require_server() -> None:
    """Raise `ConfabError` when the libraries of the server are not installed."""
    from importlib.util import find_spec

    if any(find_spec(name) is None for name in ("starlette", "uvicorn", "jinja2")):
        raise ConfabError("the server is an extra: pip install 'confab-sync[server]'")


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
