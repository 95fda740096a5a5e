"""Brings an older store up to the tables that this program knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import StoreTooNew
from confab_sync.store.failures import damaged
from confab_sync.store.steps import VERSION_1, VERSION_2
from confab_sync.store.steps_deleting import VERSION_5
from confab_sync.store.steps_listing import VERSION_3, VERSION_4

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

APPLICATION_ID = 0x636F6E66
"""Marks a database as ours in its header: "conf"."""

OWNER = 1
"""The user whose sessions the embedded store keeps: there is one without any server."""

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    VERSION_1,
    VERSION_2,
    VERSION_3,
    VERSION_4,
    VERSION_5,
)
"""Step n leads from version n to n + 1. A step that was released is never changed.

Foreign keys are off while steps are taken, so that one may replace a table that others refer to.
"""


def needs_migration(
    connection: sqlite3.Connection, path: str, steps: Sequence[Sequence[str]] = MIGRATIONS
) -> bool:
    """Whether the store is older than this program.

    Raises `StoreTooNew` when it is newer and `StoreDamaged` when it is no store of ours.
    """
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0])
    if application != APPLICATION_ID and (version or application or tables):
        raise damaged(path, "it is another program's database")
    if version > len(steps):
        from confab_sync.installer import upgrade_command

        raise StoreTooNew(
            f"the store {path} was written by a newer confab (its version is {version}, this "
            f"confab knows {len(steps)}); upgrade confab: {upgrade_command()}"
        )
    return version < len(steps)


def migrate(connection: sqlite3.Connection, steps: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Take all missing steps; belongs into one write transaction, so that it is all or nothing."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    for step in steps[version:]:
        for statement in step:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(steps)}")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
