"""Looks at everything in the store and says what is not as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.errors import StoreDamaged
from confab_sync.store.codec import NotAsWritten, unpack
from confab_sync.store.values import Problem

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from confab_sync.store.database import Database


def check(database: Database) -> list[Problem]:
    """The problems of the whole store: of the database, of every file and every side file.

    Daemons may write meanwhile. Raises `StoreUnavailable` when the store cannot be read now.
    """
    problems: list[Problem] = []
    for part in (_database, _listed, _files, _side_files):
        try:
            problems.extend(part(database))
        except StoreDamaged as error:
            problems.append(Problem("database", str(error)))
    return problems


def _database(database: Database) -> Iterator[Problem]:
    with database.read() as connection:
        for row in connection.execute("PRAGMA integrity_check").fetchall():
            if row[0] != "ok":
                yield Problem("database", str(row[0]))
        for row in connection.execute("PRAGMA foreign_key_check").fetchall():
            yield Problem(f"table {row[0]}, row {row[1]}", f"belongs to nothing in {row[2]}")


def _listed(database: Database) -> Iterator[Problem]:
    """Lists are made from counts of their own; they have to be those of the files."""
    with database.read() as connection:
        rows = connection.execute(
            "WITH held AS (SELECT session_id, COUNT(*) AS files, SUM(lines) AS lines,"
            " SUM(bytes) AS bytes FROM newest_files GROUP BY session_id)"
            " SELECT s.uuid FROM sessions AS s LEFT JOIN listed AS l ON l.session_id = s.id"
            " LEFT JOIN held AS h ON h.session_id = s.id WHERE l.session_id IS NULL"
            " OR (l.files, l.lines, l.bytes)"
            " <> (COALESCE(h.files, 0), COALESCE(h.lines, 0), COALESCE(h.bytes, 0))"
        ).fetchall()
    for row in rows:
        yield Problem(f"session {row['uuid']}", "is not listed with what its files have")


def _files(database: Database) -> Iterator[Problem]:
    with database.read() as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM files").fetchall()]
    for file_id in ids:
        with database.snapshot() as connection:
            found = list(_file(connection, file_id))
        yield from found


def _file(connection: sqlite3.Connection, file_id: int) -> Iterator[Problem]:
    file = connection.execute(
        "SELECT files.*, uuid FROM files JOIN sessions ON sessions.id = session_id"
        " WHERE files.id = ?",
        (file_id,),
    ).fetchone()
    if file is None:
        return  # deleted meanwhile, or an orphan, which the foreign keys have told
    where = f"session {file['uuid']}, file {file['name']!a}"
    if file["generation"] > 1:
        where += f", generation {file['generation']}"
    size, newlines, last_byte = 0, 0, b"\n"
    for row in connection.execute(
        "SELECT * FROM chunks WHERE file_id = ? ORDER BY start", (file_id,)
    ):
        here = f"{where}, byte {row['start']}"
        if row["start"] != size or row["first_line"] != newlines + 1:
            yield Problem(here, f"does not follow on byte {size} in line {newlines + 1}")
        size, newlines = row["start"] + row["size"], row["first_line"] - 1 + row["newlines"]
        try:
            raw = unpack(row["data"], row["size"], row["digest"])
        except NotAsWritten as error:
            yield Problem(here, str(error))
            last_byte = b""
            continue
        last_byte = raw[-1:]
        found = raw.count(b"\n")
        if found != row["newlines"]:
            yield Problem(here, f"has {found} newlines instead of {row['newlines']}")
    lines = newlines + file["open_end"]
    if (size, lines) != (file["bytes"], file["lines"]):
        yield Problem(
            where,
            f"has {lines} lines and {size} bytes instead of {file['lines']} and {file['bytes']}",
        )
    if last_byte and file["open_end"] != (last_byte != b"\n"):
        yield Problem(where, "whether its last line has a newline is not as noted")


def _side_files(database: Database) -> Iterator[Problem]:
    with database.read() as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM side_files").fetchall()]
    for side_file_id in ids:
        with database.read() as connection:
            row = connection.execute(
                "SELECT side_files.*, uuid FROM side_files JOIN sessions"
                " ON sessions.id = session_id WHERE side_files.id = ?",
                (side_file_id,),
            ).fetchone()
        if row is None:
            continue
        try:
            unpack(row["data"], row["size"], row["digest"])
        except NotAsWritten as error:
            yield Problem(f"session {row['uuid']}, side file {row['name']!a}", str(error))
