"""The users of a store and how they prove who they are: keys, links, cookies, device codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.store import device_codes, keys, sign_ins, users

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from confab_sync.store.database import Database
    from confab_sync.store.device_codes import Redemption
    from confab_sync.store.keys import ApiKey, KeyHolder
    from confab_sync.store.users import State, User


class Accounts:
    """Made by `Store.accounts`; secrets come in, and only their digests are kept."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def users(self) -> list[User]:
        """All users, the owner first."""
        with self._database.read() as connection:
            return users.listing(connection)

    def user(self, email: str) -> User:
        """The user with this address; raises `UnknownAccount`."""
        with self._database.read() as connection:
            return users.find(connection, email)

    def get(self, user: int) -> User:
        """The user with this number, which has to exist."""
        with self._database.read() as connection:
            return users.get(connection, user)

    def add_user(self, email: str, name: str | None = None) -> User:
        """Add an active user; raises `NameTaken`."""
        with self._database.write() as connection:
            return users.add(connection, email, name, self._clock())

    def set_state(self, email: str, state: State) -> None:
        """Let a user do everything, only read, or nothing; raises `UnknownAccount`."""
        with self._database.write() as connection:
            users.set_state(connection, users.find(connection, email), state)

    def add_key(self, user: int, name: str, secret: str, *, replace: bool = False) -> ApiKey:
        """Make `secret` a key of a user; raises `NameTaken` and `KeyLimitReached`."""
        with self._database.write() as connection:
            return keys.add(connection, user, name, secret, self._clock(), replace=replace)

    def keys(self, user: int) -> list[ApiKey]:
        """The living keys of a user, the oldest first."""
        with self._database.read() as connection:
            return keys.listing(connection, user)

    def revoke_key(self, user: int, name: str) -> None:
        """Let a key work no more; raises `UnknownAccount`."""
        with self._database.write() as connection:
            keys.revoke(connection, user, name, self._clock())

    def key_holder(self, secret: str) -> KeyHolder | None:
        """Whom a living key belongs to."""
        with self._database.read() as connection:
            return keys.holder(connection, secret)

    def note_key_use(self, key: ApiKey) -> None:
        """Note that a key was used now."""
        with self._database.write() as connection:
            keys.note_use(connection, key, self._clock())

    def is_new(self, user: int) -> bool:
        """Whether a user has never signed in and never had a key."""
        with self._database.read() as connection:
            return sign_ins.is_new(connection, user)

    def add_link(self, user: int, secret: str) -> None:
        """Let `secret` sign a user in, once and soon."""
        with self._database.write() as connection:
            sign_ins.add_link(connection, user, secret, self._clock())

    def exchange_link(self, link: str, cookie: str) -> User | None:
        """Use a one-time link up for a cookie; `None` when it is used or too old."""
        with self._database.write() as connection:
            return sign_ins.exchange(connection, link, cookie, self._clock())

    def cookie_holder(self, cookie: str) -> User | None:
        """Whom a cookie stands for."""
        with self._database.read() as connection:
            return sign_ins.holder(connection, cookie, self._clock())

    def end_cookie(self, cookie: str) -> None:
        """Let a cookie stand for nobody."""
        with self._database.write() as connection:
            sign_ins.end(connection, cookie)

    def begin_device(
        self, device_code: str, user_code: str, key_name: str, expires_at: datetime
    ) -> None:
        """Remember a pair of device codes until it expires."""
        with self._database.write() as connection:
            device_codes.begin(
                connection, device_code, user_code, key_name, expires_at, self._clock()
            )

    def device_key_name(self, user_code: str) -> str | None:
        """The name of the key that a code asks for; `None` when it waits for nobody."""
        with self._database.read() as connection:
            return device_codes.key_name(connection, user_code, self._clock())

    def approve_device(self, user_code: str, user: int) -> bool:
        """Let the device that shows this code have a key of a user."""
        with self._database.write() as connection:
            return device_codes.approve(connection, user_code, user, self._clock())

    def redeem_device(self, device_code: str, secret: str) -> Redemption:
        """Make `secret` a key of the user who approved the code; raises `KeyLimitReached`."""
        with self._database.write() as connection:
            return device_codes.redeem(connection, device_code, secret, self._clock())
