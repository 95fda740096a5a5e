"""`confab serve users` and `confab serve keys`: who may use the server, and with which keys."""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from confab_sync.cli.options import json_option
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.store.store import Store
    from confab_sync.store.users import State, User

_OWNER = "owner@localhost"
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}")
_email = click.argument("email")
_email_or_owner = click.option("--user", "email", default=_OWNER, help="Whose; else the owner's.")


@dataclass(frozen=True, slots=True)
class Listed:
    """A user as the list shows one: how many keys work, and how many sessions there are."""

    email: str
    name: str | None
    state: str
    keys: int
    sessions: int


@click.group("users", epilog="Example: confab serve users list")
def users() -> None:
    """Say who may use the server."""


@users.command("add", epilog="Example: confab serve users add ann@example.com --name Ann")
@_email
@click.option("--name", help="What to call them.")
@click.pass_obj
def add_user(context: Context, email: str, name: str | None) -> None:
    """Add a user, and print a link to sign in with."""
    if not _EMAIL.fullmatch(email) or not email.isprintable():
        raise UsageError(f"'{email}' is not an e-mail address")
    with _store(context) as store:
        user = store.accounts.add_user(email, name)
        click.echo(f"Added {user.email}.")
        _print_link(context, store, user)


@users.command("list", epilog="Example: confab serve users list --json")
@json_option
@click.pass_obj
def list_users(context: Context, as_json: bool) -> None:
    """List the users, the owner first."""
    from confab_sync.cli.wording import counted
    from confab_sync.store.names import printable

    with _store(context) as store:
        listed = [
            Listed(
                email=user.email,
                name=user.name,
                state=user.state.replace("_", "-"),
                keys=len(store.accounts.keys(user.id)),
                sessions=len(store.sessions_of(user.id).listing()),
            )
            for user in store.accounts.users()
        ]
    if as_json:
        click.echo(json.dumps({"users": [asdict(each) for each in listed]}, indent=2))
        return
    for each in listed:
        has = f"{counted(each.keys, 'key')}  {counted(each.sessions, 'session')}"
        click.echo(f"{printable(each.email)}  {each.state}  {has}")


@users.command(
    "link",
    short_help="Print a link that signs a user in, once and within a day.",
    epilog="Example: confab serve users link ann@example.com",
)
@click.argument("email", default=_OWNER)
@click.pass_obj
def link(context: Context, email: str) -> None:
    """Print a link that signs a user in, once and within a day; without EMAIL, the owner."""
    with _store(context) as store:
        _print_link(context, store, store.accounts.user(email))


def _state_command(name: str, state: State, sentence: str) -> None:
    @users.command(
        name, help=sentence, epilog=f"Example: confab serve users {name} ann@example.com"
    )
    @_email
    @click.pass_obj
    def command(context: Context, email: str) -> None:
        if email.lower() == _OWNER and state != "active":
            raise UsageError("the owner is the person at this machine, who may do everything")
        with _store(context) as store:
            store.accounts.set_state(email, state)
        click.echo(f"{email} is {state.replace('_', '-')} now.")


_state_command("disable", "disabled", "Let a user do nothing any more; their sessions stay.")
_state_command("read-only", "read_only", "Let a user read, and change nothing.")
_state_command("enable", "active", "Let a user do everything again.")


@click.group("keys", epilog="Example: confab serve keys add laptop")
def keys() -> None:
    """Manage the keys with which clients prove whose they are."""


@keys.command("add", epilog="Example: confab serve keys add laptop --user ann@example.com")
@click.argument("name")
@_email_or_owner
@click.pass_obj
def add_key(context: Context, name: str, email: str) -> None:
    """Print a new key; it is shown this once."""
    from confab_sync import wire
    from confab_sync.server.services import new_key

    if not name.strip() or len(name.encode()) > wire.MAX_KEY_NAME or not name.isprintable():
        raise UsageError(f"a key's name has 1 to {wire.MAX_KEY_NAME} printable characters")
    key = new_key(os.urandom)
    with _store(context) as store:
        store.accounts.add_key(store.accounts.user(email).id, name, key)
    click.echo(key)


@keys.command(
    "list",
    short_help="List the keys of a user that work.",
    epilog="Example: confab serve keys list --json",
)
@_email_or_owner
@json_option
@click.pass_obj
def list_keys(context: Context, email: str, as_json: bool) -> None:
    """List the keys of a user that work; the keys themselves are not kept."""
    from confab_sync.store.names import printable

    with _store(context) as store:
        listed = store.accounts.keys(store.accounts.user(email).id)
    if as_json:
        rows = [
            {
                "name": key.name,
                "created_at": key.created_at.isoformat(),
                "last_used_at": key.last_used_at.isoformat() if key.last_used_at else None,
            }
            for key in listed
        ]
        click.echo(json.dumps({"keys": rows}, indent=2))
        return
    for key in listed:
        used = "never" if key.last_used_at is None else f"{key.last_used_at:%Y-%m-%d %H:%M}"
        created = f"{key.created_at:%Y-%m-%d %H:%M}"
        click.echo(f"{printable(key.name)}  created {created}  last used {used} (UTC)")
    if not listed:
        click.echo("There are no keys; `confab serve keys add NAME` makes one.", err=True)


@keys.command("revoke", epilog="Example: confab serve keys revoke laptop")
@click.argument("name")
@_email_or_owner
@click.pass_obj
def revoke_key(context: Context, name: str, email: str) -> None:
    """Let a key work no more, from the next request on."""
    with _store(context) as store:
        store.accounts.revoke_key(store.accounts.user(email).id, name)
    click.echo("Revoked.")


@contextmanager
def _store(context: Context) -> Iterator[Store]:
    from confab_sync.cli.serve import require_server
    from confab_sync.store.store import Store

    require_server()
    with Store.open(context.paths.store, clock=context.clock) as store:
        yield store


def _print_link(context: Context, store: Store, user: User) -> None:
    from confab_sync.server.instance import running_at
    from confab_sync.server.running import sign_in_link

    running = running_at(context.paths.store)
    if running is None:
        click.echo("Start `confab serve`, then `confab serve users link` prints a link to sign in.")
        return
    click.echo(f"Sign in once, within a day, with {sign_in_link(store, user.id, running['url'])}")
