"""Users prove who they are by what only they have; the store keeps digests of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import KeyLimitReached, NameTaken, UnknownAccount
from confab_sync.store.device_codes import Redemption
from confab_sync.store.schema import OWNER

from .factories import NOW, Clock, open_store

if TYPE_CHECKING:
    from pathlib import Path


def test_store_has_an_owner_from_the_beginning(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        (owner,) = store.accounts.users()
        assert (owner.id, owner.email, owner.state) == (OWNER, "owner@localhost", "active")
        assert store.accounts.is_new(OWNER)


def test_address_is_taken_in_any_case(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ann = store.accounts.add_user("Ann@example.com", "Ann")
        assert store.accounts.user("ann@EXAMPLE.com") == ann == store.accounts.get(ann.id)
        with pytest.raises(NameTaken):
            store.accounts.add_user("ann@example.com")
        with pytest.raises(UnknownAccount):
            store.accounts.user("bob@example.com")
        with pytest.raises(UnknownAccount):
            store.accounts.set_state("bob@example.com", "disabled")
        store.accounts.set_state("ann@example.com", "read_only")
        assert store.accounts.user("ann@example.com").state == "read_only"


def test_key_is_known_until_it_is_revoked(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        accounts = store.accounts
        key = accounts.add_key(OWNER, "laptop", "secret")
        holder = accounts.key_holder("secret")
        assert holder is not None
        assert (holder.user.id, holder.key) == (OWNER, key)
        assert accounts.key_holder("Secret") is None
        accounts.revoke_key(OWNER, "laptop")
        assert accounts.key_holder("secret") is None
        assert accounts.keys(OWNER) == []
        with pytest.raises(UnknownAccount):
            accounts.revoke_key(OWNER, "laptop")
        accounts.add_key(OWNER, "laptop", "new secret")  # the name is free again


def test_keys_of_one_user_have_different_names(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ann = store.accounts.add_user("ann@example.com").id
        store.accounts.add_key(OWNER, "laptop", "1")
        store.accounts.add_key(ann, "laptop", "2")
        with pytest.raises(NameTaken):
            store.accounts.add_key(OWNER, "laptop", "3")
        store.accounts.add_key(OWNER, "laptop", "3", replace=True)
        known = [store.accounts.key_holder(secret) is not None for secret in "123"]
        assert known == [False, True, True]


def test_500_keys_are_enough(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with store._database.write() as connection:
            connection.executemany(
                "INSERT INTO api_keys (user_id, name, hash, created_at) VALUES (1, ?, ?, ?)",
                [(str(n), str(n), NOW.isoformat()) for n in range(500)],
            )
        with pytest.raises(KeyLimitReached):
            store.accounts.add_key(OWNER, "one more", "secret")
        store.accounts.add_key(OWNER, "7", "secret", replace=True)


def test_use_of_a_key_is_noted(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        key = store.accounts.add_key(OWNER, "laptop", "secret")
        assert key.last_used_at is None
        clock.advance(hours=1)
        store.accounts.note_key_use(key)
        assert store.accounts.keys(OWNER)[0].last_used_at == NOW + timedelta(hours=1)


def test_secrets_are_nowhere_in_the_store(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        accounts = store.accounts
        accounts.add_key(OWNER, "laptop", "a-secret-key")
        accounts.add_link(OWNER, "a-secret-link")
        accounts.exchange_link("a-secret-link", "a-secret-cookie")
        accounts.begin_device("a-secret-code", "ABCD-2345", "box", NOW)
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"a-secret" not in content
    assert b"laptop" in content


def test_link_becomes_a_cookie_once(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        accounts = store.accounts
        accounts.add_link(OWNER, "old")
        accounts.add_link(OWNER, "link")
        assert accounts.exchange_link("old", "c") is None
        assert accounts.cookie_holder("link") is None
        user = accounts.exchange_link("link", "cookie")
        assert user == accounts.cookie_holder("cookie") == accounts.get(OWNER)
        assert accounts.exchange_link("link", "again") is None
        assert accounts.exchange_link("cookie", "again") is None
        assert not accounts.is_new(OWNER)
        accounts.end_cookie("cookie")
        assert accounts.cookie_holder("cookie") is None


def test_links_last_a_day_and_cookies_a_month(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        accounts = store.accounts
        accounts.add_link(OWNER, "link")
        clock.advance(hours=24)
        assert accounts.exchange_link("link", "cookie") is None
        accounts.add_link(OWNER, "link")
        accounts.exchange_link("link", "cookie")
        clock.advance(days=29)
        assert accounts.cookie_holder("cookie") is not None
        clock.advance(days=1)
        assert accounts.cookie_holder("cookie") is None


def test_device_code_becomes_a_key_once_when_approved(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        accounts = store.accounts
        accounts.begin_device("code", "ABCD-2345", "box", NOW + timedelta(minutes=5))
        assert accounts.device_key_name("ABCD-2345") == "box"
        assert accounts.redeem_device("code", "secret") is Redemption.PENDING
        assert not accounts.approve_device("XXXX-2345", OWNER)
        assert accounts.approve_device("ABCD-2345", OWNER)
        assert not accounts.approve_device("ABCD-2345", OWNER)
        assert accounts.device_key_name("ABCD-2345") is None
        assert accounts.key_holder("secret") is None
        assert accounts.redeem_device("code", "secret") is Redemption.GRANTED
        assert accounts.key_holder("secret") is not None
        assert accounts.redeem_device("code", "more") is Redemption.UNKNOWN
        assert accounts.key_holder("more") is None


def test_device_code_expires(tmp_path: Path) -> None:
    clock = Clock()
    with open_store(tmp_path, clock) as store:
        accounts = store.accounts
        accounts.begin_device("code", "ABCD-2345", "box", NOW + timedelta(minutes=5))
        clock.advance(minutes=5)
        assert not accounts.approve_device("ABCD-2345", OWNER)
        assert accounts.redeem_device("code", "secret") is Redemption.EXPIRED
        clock.advance(days=2)
        accounts.begin_device("other", "ABCD-2346", "box", clock.now)
        assert accounts.redeem_device("code", "secret") is Redemption.UNKNOWN


def test_disabled_user_gets_no_key(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        accounts = store.accounts
        accounts.begin_device("code", "ABCD-2345", "box", NOW + timedelta(minutes=5))
        accounts.approve_device("ABCD-2345", OWNER)
        accounts.set_state("owner@localhost", "disabled")
        assert accounts.redeem_device("code", "secret") is Redemption.DENIED
        assert accounts.keys(OWNER) == []
