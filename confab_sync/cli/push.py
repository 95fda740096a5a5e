"""`confab push`: what is in the store, copied to a server."""

from __future__ import annotations

import sys
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

import click

from confab_sync.cli.ids import complete_id
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from confab_sync.backends.http.client import Client
    from confab_sync.cli.context import Context
    from confab_sync.config import Config
    from confab_sync.engine.told import Record
    from confab_sync.store.archive import UserArchive
    from confab_sync.store.source import Source
    from confab_sync.store.values import StoredSession


@click.command(
    short_help="Copy sessions from the store of this machine to a server.",
    epilog="Example: confab push --to https://confab.example.com --all",
)
@click.argument("wanted", metavar="[ID]...", nargs=-1, shell_complete=complete_id)
@click.option("--to", "url", metavar="URL", required=True, help="The server.")
@click.option("--all", "everything", is_flag=True, help="Every session in the store.")
@click.option(
    "--user", metavar="EMAIL", default="", help="What this user of `confab serve` has stored here."
)
@click.option("--dry-run", is_flag=True, help="Ask the server what it lacks, and send nothing.")
@click.option("--api-key-stdin", is_flag=True, help="Read your key there from standard input.")
@click.option("--api-key-file", metavar="FILE", help="Read your key there from a file.")
@click.option("--no-browser", is_flag=True, help="Without a key: only print the page's address.")
@click.option("--json", "as_json", is_flag=True, help="Say as JSON what came of each session.")
@click.pass_obj
def command(
    context: Context,
    wanted: tuple[str, ...],
    *,
    url: str,
    everything: bool,
    user: str,
    dry_run: bool,
    api_key_stdin: bool,
    api_key_file: str | None,
    no_browser: bool,
    as_json: bool,
) -> int:
    """Copy sessions from the store of this machine to a server, and leave them here.

    The server is asked how far it has each session; what is missing is sent, masked as
    config.json says now. It may be interrupted and repeated at any time. A key that
    config.json has for this server is used; without one you approve a code in the browser.
    Where new sessions go is decided by `confab setup --backend-url`, not by this.
    """
    if everything == bool(wanted):
        raise UsageError("name the sessions to push, or give --all")
    from confab_sync.cli.connecting import client, key_given
    from confab_sync.config import load_config
    from confab_sync.store.archive import UserArchive
    from confab_sync.store.schema import OWNER
    from confab_sync.store.store import Store

    config = load_config(context.paths.config)
    url = url.rstrip("/")
    client(context, config, url, "").close()  # an address that must not be used, before anything
    given = key_given(on_stdin=api_key_stdin, file=api_key_file)
    with ExitStack() as held:
        store = held.enter_context(
            Store.open(context.paths.store, clock=context.clock, create=False)
        )
        owner = store.accounts.user(user).id if user else OWNER
        archive = UserArchive(store.sessions_of(owner))
        sessions = archive.sessions() if everything else _named(archive, wanted)
        is_own = owner == OWNER
        if not is_own and given is None:
            raise UsageError(f"give a key of {user} there, with --api-key-stdin or --api-key-file")
        key = given or _configured_key(config, url)
        key = key or _key_by_code(context, config, url, browse=not no_browser)
        there = held.enter_context(
            closing(client(context, config, url, key, login=_with_a_key(url)))
        )
        record = held.enter_context(_record_of_account(context, there))
        if dry_run:
            from confab_sync.cli.push_preview import preview

            preview(archive, sessions, there, record, as_json=as_json)
            return 0
        return _push(
            context,
            config,
            archive,
            sessions,
            there,
            record,
            key,
            is_chosen=not everything,
            is_own=is_own,
            as_json=as_json,
        )


def _with_a_key(url: str) -> str:
    """What to type where the key is refused; `confab login` would change where sessions go."""
    return f"confab push --to {url} --api-key-stdin"


def _named(archive: UserArchive, wanted: Sequence[str]) -> list[StoredSession]:
    """Raises `SessionNotFound` and `AmbiguousSession`."""
    from confab_sync.store import lookup

    sessions = archive.sessions()
    found = [lookup.find(sessions, prefix) for prefix in wanted]
    return list({session.session_id: session for session in found}.values())


def _configured_key(config: Config, url: str) -> str:
    """The key that config.json has for this server; a key is for one server only.

    Raises `UsageError` where it has several, as directories of several users do.
    """
    from confab_sync.cli.reaching import keys_for

    keys = keys_for(config, url)
    if len(keys) > 1:
        raise UsageError(
            f"config.json has several keys for {url}: say which one with --api-key-stdin or "
            "--api-key-file"
        )
    return next(iter(keys), "")


def _key_by_code(context: Context, config: Config, url: str, *, browse: bool) -> str:
    """A key for this once, which the user approves in a browser. Raises `UsageError`."""
    if not sys.stdin.isatty():
        raise UsageError(
            f"there is no key for {url} in config.json: give one with --api-key-stdin or "
            "--api-key-file"
        )
    from confab_sync.cli.connecting import client
    from confab_sync.cli.login import key_by_device, machine_name

    with closing(client(context, config, url, "")) as there:
        # A name of its own: a server replaces the key of the same name (contract §2.11).
        name = f"{machine_name(says_host=config.send.hostname)} push"
        return key_by_device(there, name, browse=browse)


@contextmanager
def _record_of_account(context: Context, there: Client) -> Iterator[Record]:
    """What the account of the key was told so far. Raises `BackendError` for a bad key."""
    from confab_sync.backends.http.account import account_of
    from confab_sync.engine.told import opened_record

    account = account_of(there)
    with opened_record(context.paths.pushed, there.address.url, account.email) as record:
        yield record


def _push(
    context: Context,
    config: Config,
    archive: UserArchive,
    sessions: Sequence[StoredSession],
    there: Client,
    record: Record,
    key: str,
    *,
    is_chosen: bool,
    is_own: bool,
    as_json: bool,
) -> int:
    from confab_sync.backends.http.connection import http_backend
    from confab_sync.cli.knowing import known_sessions
    from confab_sync.cli.pushed import Outcome, print_json, tell
    from confab_sync.cli.pushing import Destination, Pushing
    from confab_sync.cli.saving import machine_of
    from confab_sync.cli.wording import in_local_time
    from confab_sync.engine.masked import guarded
    from confab_sync.errors import ConfabError

    paused = machine_of(context).paused()
    if paused is not None:
        why = in_local_time(paused)
        raise ConfabError(f"confab is {why}; nothing is copied before `confab resume`")
    if not config.masks:
        click.echo("confab: secrets ARE NOT MASKED: masking is off in config.json", err=True)
    url = there.address.url
    outcome = Outcome()
    backend = guarded(
        context.paths,
        lambda: http_backend(
            url,
            key,
            backoff=context.paths.backoff,
            allow_plain_http=config.allow_plain_http,
            login=_with_a_key(url),
        ),
        outcome.masked.update,
    )
    with closing(backend):
        destination = Destination(url, backend, _reader(there), record)
        pushing = Pushing(
            context, config, archive, destination, outcome, is_chosen=is_chosen, is_own=is_own
        )
        known = known_sessions(context)[0] if is_own else []
        try:
            pushing.run(
                sessions, {each.external_id: each.backend for each in known}, silent=as_json
            )
        finally:
            if as_json:
                print_json(outcome, url)
            else:
                tell(outcome, url, len(sessions))
    return outcome.exit_status


def _reader(there: Client) -> Callable[[str, str], Source]:
    from confab_sync.backends.http.downloads import Downloads

    return lambda session_id, external_id: Downloads(there, session_id, external_id)
