"""The tallies of sessions, counted once and then only for what has been added since."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

from confab_sync.claude.layout import TRANSCRIPT
from confab_sync.claude.tally import Tally
from confab_sync.store.facts import Fact
from confab_sync.store.index import SearchIndex
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from confab_sync.cli.catalogue import Listed
    from confab_sync.cli.context import Context

    Read = Callable[[int], Iterable[bytes]]
    """The bytes of a file from some byte on, in pieces."""

PIECE = 1024 * 1024
"""Bytes of a file on disk that are read at once."""


def tallies(context: Context, wanted: Sequence[Listed]) -> dict[str, Tally]:
    """What each of these sessions adds up to, by id; none of those that cannot be read.

    Raises `StoreError`.
    """
    with ExitStack() as stack:
        index = stack.enter_context(closing(SearchIndex(context.paths.index)))
        store = None
        if any(each.session_id for each in wanted):
            store = stack.enter_context(
                Store.open(context.paths.store, clock=context.clock, create=False)
            )
        known = index.facts.find(each.id for each in wanted)
        counted = {each.id: _count(store, each, known.get(each.id)) for each in wanted}
        news = {name: fact for name, fact in counted.items() if fact and fact != known.get(name)}
        if news:
            index.facts.keep(news)
    return {name: Tally.from_json(fact.text) for name, fact in counted.items() if fact}


def _count(store: Store | None, listed: Listed, known: Fact | None) -> Fact | None:
    """The tally with what is new; from the file itself where it is, else from the store."""
    if listed.path:
        try:
            status = os.stat(listed.path)
            return _grown(_on_disk(listed.path), status.st_ino, status.st_size, known)
        except OSError:  # gone, or not to be read
            return known
    if store is not None and listed.session_id:
        for file in store.files(listed.session_id):
            if file.file_type == TRANSCRIPT:
                read = _in_store(store, listed.session_id, file.name)
                return _grown(read, -file.generation, file.bytes, known)
    return known


def _grown(read: Read, generation: int, size: int, known: Fact | None) -> Fact:
    """The tally after what stands behind the bytes that are counted in `known`.

    Only whole lines are counted, so that the next time begins at one.
    """
    if known is None or known.generation != generation or known.bytes > size:
        known = Fact(generation, 0, "{}")
    if known.bytes == size:
        return known
    tally = Tally.from_json(known.text)
    counted, rest = known.bytes, b""
    for piece in read(known.bytes):
        *lines, rest = (rest + piece).split(b"\n")
        tally.add(lines)
        counted += sum(map(len, lines)) + len(lines)
    return Fact(generation, counted, tally.to_json())


def _on_disk(path: str) -> Read:
    def read(start: int) -> Iterator[bytes]:
        with open(path, "rb") as stream:
            stream.seek(start)
            while piece := stream.read(PIECE):
                yield piece

    return read


def _in_store(store: Store, session_id: str, name: str) -> Read:
    return lambda start: store.read_file(session_id, name, start=start)
