"""`confab serve` lists, adds and stops users and keys; what is impossible is said."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.serve import group
from confab_sync.errors import NameTaken, ServerError, UnknownAccount, UsageError
from confab_sync.server.instance import only_instance
from confab_sync.store.store import Store

from .homes import Home, home

if TYPE_CHECKING:
    from pathlib import Path


def run(here: Home, *arguments: str) -> str:
    return here.run(group, *arguments).output


def store(here: Home) -> Store:
    return Store.open(here.context.paths.store, clock=here.context.clock)


def test_key_is_printed_once_and_works(tmp_path: Path) -> None:
    here = home(tmp_path)
    key = run(here, "keys", "add", "laptop").strip()
    assert re.fullmatch(r"cfb_[A-Za-z0-9_-]{40}", key)
    with store(here) as opened:
        holder = opened.accounts.key_holder(key)
        assert holder is not None
        assert holder.user.email == "owner@localhost"
    listed = run(here, "keys", "list")
    assert re.match(r"laptop  created [0-9-]{10} [0-9:]{5}  last used never", listed)
    assert key not in listed
    with pytest.raises(NameTaken):
        run(here, "keys", "add", "laptop")
    assert run(here, "keys", "revoke", "laptop") == "Revoked.\n"
    assert "There are no keys" in run(here, "keys", "list")
    assert json.loads(run(here, "keys", "list", "--json")) == {"keys": []}
    with pytest.raises(UnknownAccount):
        run(here, "keys", "revoke", "laptop")


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "a\x1b[2J"])
def test_key_needs_a_name_that_can_be_shown(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        run(home(tmp_path), "keys", "add", name)


def test_users_come_and_change(tmp_path: Path) -> None:
    here = home(tmp_path)
    assert "Added ann@example.com." in run(here, "users", "add", "ann@example.com", "--name", "Ann")
    run(here, "keys", "add", "laptop", "--user", "ann@example.com")
    for command, state in (
        ("read-only", "read-only"),
        ("disable", "disabled"),
        ("enable", "active"),
    ):
        assert run(here, "users", command, "ann@example.com").strip().endswith(f"is {state} now.")
        assert run(here, "users", "list").splitlines() == [
            "owner@localhost  active  0 keys  0 sessions",
            f"ann@example.com  {state}  1 key  0 sessions",
        ]
    told = json.loads(run(here, "users", "list", "--json"))["users"]
    ann = {"email": "ann@example.com", "name": "Ann", "state": "active", "keys": 1, "sessions": 0}
    assert told[1] == ann
    (key,) = json.loads(run(here, "keys", "list", "--user", "ann@example.com", "--json"))["keys"]
    assert (key["name"], key["last_used_at"]) == ("laptop", None)
    with pytest.raises(UnknownAccount):
        run(here, "users", "disable", "bob@example.com")
    with pytest.raises(UsageError, match="owner"):
        run(here, "users", "disable", "Owner@localhost")


@pytest.mark.parametrize("email", ["", "ann", "a b@c.d", "a@b\x1b"])
def test_address_that_is_none_is_refused(tmp_path: Path, email: str) -> None:
    with pytest.raises(UsageError):
        run(home(tmp_path), "users", "add", email)


def test_link_names_the_running_server(tmp_path: Path) -> None:
    here = home(tmp_path)
    assert "Start `confab serve`" in run(here, "users", "link")
    with only_instance(here.context.paths.store) as instance:
        instance.announce("http://127.0.0.1:8790")
        said = run(here, "users", "link")
    match = re.search(r"http://127\.0\.0\.1:8790/auth/sign-in\?token=([0-9a-f]{64})", said)
    assert match is not None
    with store(here) as opened:
        user = opened.accounts.exchange_link(match[1], "cookie")
        assert user is not None
        assert user.email == "owner@localhost"


def test_second_server_is_refused(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    with only_instance(here.context.paths.store), pytest.raises(ServerError, match="already"):
        run(here, "--port", "0")


@pytest.mark.parametrize(
    "url", ["confab.example.com", "ftp://x", "https://x/path", "https://x?y", "https://[::1"]
)
def test_public_url_is_an_origin(tmp_path: Path, url: str) -> None:
    with pytest.raises(UsageError, match="--public-url"):
        run(home(tmp_path), "--public-url", url)
