"""Writes the files of a session into a directory without overwriting anything."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from confab_sync.errors import ConfabError
from confab_sync.store import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from confab_sync.store.source import Source


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file that is in the directory now: its listed name, its path, its bytes.

    `written` is False when the same content lay there already.
    """

    name: str
    path: str
    bytes: int
    written: bool


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    target: str
    read: Callable[[], Iterable[bytes]]


def export(source: Source, directory: str, only: str | None = None) -> list[ExportedFile]:
    """Write all files of a session, or the one named `only`, below `directory`.

    Files are private (0600), and so are directories it has to create (0700). Nothing is written
    when any file exists with another content. Each file appears whole or not at all. Raises
    `ConfabError` that names the path when a file cannot be written, and what `source` raises.
    """
    items = _plan(source, directory, only)
    try:
        known = {item.target: _size_if_same(item) for item in items}
        return [_export_one(item, known[item.target]) for item in items]
    except OSError as error:
        raise ConfabError(f"the session cannot be written: {error}") from error


def _plan(source: Source, directory: str, only: str | None) -> list[_Item]:
    readers: list[tuple[str, str, Callable[[], Iterable[bytes]]]] = []
    for name, path in layout.file_paths(source.external_id, source.files()).items():
        readers.append((name, path, partial(source.read_file, name)))
    for name, path in layout.side_file_paths(source.external_id, source.side_files()).items():
        readers.append((name, path, partial(source.read_side_file, name)))
    if only is not None:
        readers = [reader for reader in readers if reader[0] == only]
        if not readers:
            raise ConfabError(
                f"the session has no file {only!a}; `confab session list-files` shows its files"
            )
    layout.check_apart([path for _, path, _ in readers])
    for _, path, _ in readers:
        _refuse_links(directory, path)
    return [_Item(name, os.path.join(directory, path), read) for name, path, read in readers]


def _refuse_links(directory: str, path: str) -> None:
    """Raise `ConfabError` when a link on the way would lead out of the directory."""
    place = directory
    for part in path.split("/")[:-1]:
        place = os.path.join(place, part)
        if os.path.islink(place):
            raise ConfabError(f"{place} is a symbolic link; choose another --output-dir")


def _size_if_same(item: _Item) -> int | None:
    """The bytes of a file that is there with the stored content; `None` when none is there."""
    if not os.path.lexists(item.target):
        return None
    size = 0
    if os.path.isfile(item.target):
        with open(item.target, "rb") as file, _pieces(item) as pieces:
            for piece in pieces:
                if file.read(len(piece)) != piece:
                    break
                size += len(piece)
            else:
                if not file.read(1):
                    return size
    raise ConfabError(
        f"{item.target} exists and is different; nothing was written, choose another --output-dir"
    )


def _export_one(item: _Item, known: int | None) -> ExportedFile:
    if known is not None:
        return ExportedFile(item.name, item.target, known, written=False)
    parent = os.path.dirname(item.target)
    _make_directory(parent)
    descriptor, temporary = tempfile.mkstemp(prefix=".confab-", suffix=".tmp", dir=parent)
    try:
        with open(descriptor, "wb") as file, _pieces(item) as pieces:
            size = sum(file.write(piece) for piece in pieces)
        if os.path.lexists(item.target):  # since the plan, or a name that differs only in case
            raise ConfabError(f"{item.target} appeared meanwhile; choose another --output-dir")
        os.rename(temporary, item.target)
    except BaseException:
        os.unlink(temporary)
        raise
    return ExportedFile(item.name, item.target, size, written=True)


@contextmanager
def _pieces(item: _Item) -> Iterator[Iterable[bytes]]:
    """The content; a source that has a connection open for it lets go at the end."""
    pieces = item.read()
    try:
        yield pieces
    finally:
        if isinstance(pieces, Generator):
            pieces.close()


def _make_directory(path: str) -> None:
    if not os.path.isdir(path):
        _make_directory(os.path.dirname(os.path.abspath(path)))
        os.mkdir(path, 0o700)  # of existing ones the mode is the user's affair
