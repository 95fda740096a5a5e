"""Everything that confab leaves on a machine, as bytes to be searched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import zstandard

from integration.home import Home

THE_USERS_OWN = (".claude", "work", "downloads", "tmp")
"""Directories of a home in which confab writes nothing but what is looked at elsewhere."""

CONFIG = "config.json"
"""What the user has told confab; the only file with the server's key in it."""

_SQLITE = b"SQLite format 3\0"


def files(home: Home) -> Iterator[tuple[str, bytes]]:
    """Every file below the home that is not the user's own: its path and its bytes as they are."""
    for path in sorted(home.path.rglob("*")):
        relative = path.relative_to(home.path)
        if relative.parts[0] in THE_USERS_OWN or relative.name == CONFIG or not path.is_file():
            continue
        try:
            yield str(relative), path.read_bytes()
        except FileNotFoundError:  # a daemon has left meanwhile
            continue


def rows(home: Home) -> Iterator[tuple[str, bytes]]:
    """Every value of every table of every database below the home, unpacked where it is packed."""
    for name, content in list(files(home)):
        if content.startswith(_SQLITE):
            yield from _rows(home.path / name, name)


def _rows(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                values = b"\n".join(_bytes(value) for value in row)
                yield f"{name}, table {table}", values


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        return str(value).encode("utf-8", "surrogateescape")
    try:
        return zstandard.ZstdDecompressor().decompress(value)
    except zstandard.ZstdError:  # a digest
        return value
