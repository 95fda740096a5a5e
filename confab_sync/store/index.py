"""The search index: every word that was said in the archived sessions, and where.

It lies beside the store in a database of its own, is brought up to date by whoever searches
and by `confab serve`, never by a daemon, and may be deleted at any time.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.errors import StoreUnavailable, UnknownSession
from confab_sync.store import ranking
from confab_sync.store.database import DatabaseOptions
from confab_sync.store.facts import Facts
from confab_sync.store.index_schema import MIGRATIONS
from confab_sync.store.indexed import (
    Indexed,
    Passage,
    drop_file,
    indexed_files,
    is_behind,
    missing,
    put_passages,
    unpacked,
)
from confab_sync.store.lock import WriteLock
from confab_sync.store.remade import RemadeDatabase

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from confab_sync.store.indexed import Key
    from confab_sync.store.store import Store
    from confab_sync.store.values import FileExtent
    from confab_sync.store.words import Question

NAME = "search.db"
"""The index's file, beside the store."""

AT_ONCE = 4 * 1024 * 1024
"""Bytes of a file that are indexed in one transaction."""


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that has what was looked for; a smaller `rank` is a better one."""

    session_id: str
    file: str
    passage: Passage
    rank: float


if TYPE_CHECKING:
    Extract = Callable[[str, Iterable[bytes], int], Iterator[tuple[int, str, str | None, str]]]
    """The passages in lines of a file of some type; the first line has the number (1-based)."""


class SearchIndex:
    """The open index; the caller sees to it that one thread at a time uses it."""

    def __init__(self, path: str, options: DatabaseOptions | None = None) -> None:
        """Open the index at `path`, creating it, anew if it is damaged. Raises `StoreError`."""
        given = options or DatabaseOptions(migrations=MIGRATIONS, is_durable=False)
        self._database = RemadeDatabase(path, given)
        self.facts = Facts(self._database)
        self._updating = WriteLock(
            path + ".updating", timeout=0.0, monotonic=given.monotonic, sleep=given.sleep
        )

    @property
    def is_current(self) -> bool:
        """Whether nobody has made the index anew since it was opened; else it has to be, too."""
        return self._database.is_in_place

    def close(self) -> None:
        """Let go of the database."""
        self._updating.close()
        self._database.close()

    def update(
        self,
        store: Store,
        extract: Extract,
        progress: Callable[[int, int], None] = lambda _done, _whole: None,
    ) -> bool:
        """Take in what the store has and the index has not, and drop what the store dropped.

        `progress` is told how many bytes are done and how many there are to do. May be
        interrupted at any moment and called again. False when another process is at it, and
        then nothing is done. Raises `StoreError`.
        """
        with ExitStack() as held:
            try:
                held.enter_context(self._updating.held())
            except StoreUnavailable:
                return False
            self._update(store, extract, progress)
            return True

    def drop_deleted(self, store: Store) -> None:
        """Remove every trace of the sessions that the store has no more. Raises `StoreError`."""
        self._kept({(each.session_id, each.name) for each in store.extents()})

    def _kept(self, stored: Container[Key]) -> dict[Key, Indexed]:
        """What is indexed of the store, once the rest is dropped."""
        known = self._known()
        gone = [key for key in known if key not in stored]
        for key in gone:
            self._drop(known.pop(key).id)
        if gone:
            self._erase()
        return known

    def _update(self, store: Store, extract: Extract, progress: Callable[[int, int], None]) -> None:
        extents = {(each.session_id, each.name): each for each in store.extents()}
        known = self._kept(extents)
        behind = [key for key, each in extents.items() if is_behind(each, known.get(key))]
        whole = sum(missing(extents[key], known.get(key)) for key in behind)
        done = 0
        for key in behind:
            extent, row = extents[key], known.get(key)
            if row is not None and not row.goes_on(extent):
                self._drop(row.id)
                row = None
            try:
                for taken in self._take_in(
                    store, extent, row or Indexed(extent.generation), extract
                ):
                    done += taken
                    progress(done, whole)
            except UnknownSession:
                continue  # deleted meanwhile: the next update drops what there is of it

    def forget(self, session_id: str) -> None:
        """Remove every trace of a session's words."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT id FROM files WHERE session = ?", (session_id,))
            files = [row["id"] for row in rows]
        for file in files:
            self._drop(file)
        self._erase()

    def _erase(self) -> None:
        """Take words that were dropped out of the file, where they stay in the index's segments."""
        with self._database.write() as connection:
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
        self._database.checkpoint()

    def search(self, question: Question, sessions: Iterable[str], limit: int = 200) -> list[Found]:
        """The best passages in these sessions, the best one first. Raises `StoreError`.

        Of what is said very often only some are compared: see `ranking`.
        """
        with self._database.read() as connection:
            rows = ranking.best(connection, question.expression, sessions, limit)
        return [
            Found(
                row["session"],
                row["name"],
                Passage(row["line"], row["role"], row["moment"], text),
                row["rank"],
            )
            for row, text in zip(rows, unpacked(rows), strict=True)
        ]

    def _known(self) -> dict[Key, Indexed]:
        with self._database.read() as connection:
            return indexed_files(connection)

    def _drop(self, file: int) -> None:
        with self._database.write() as connection:
            drop_file(connection, file)

    def _take_in(
        self, store: Store, extent: FileExtent, row: Indexed, extract: Extract
    ) -> Iterator[int]:
        """Index what a file has beyond its row; yields the bytes of each part that is done."""
        rest = b""
        for piece in store.read_extent(extent, row.bytes):
            rest += piece
            is_all = row.bytes + len(rest) >= extent.bytes
            end = len(rest) if is_all else rest.rfind(b"\n") + 1
            if not is_all and end < AT_ONCE:
                continue
            row = self._put(extent, row, rest[:end], extract)
            rest = rest[end:]
            yield end

    def _put(self, extent: FileExtent, row: Indexed, data: bytes, extract: Extract) -> Indexed:
        """Index lines, of which the last may lack its newline; the row as it is then."""
        ended = data[1:] if row.is_open else data  # its first newline closes the last line
        lines = ended.split(b"\n")
        is_open = bool(lines[-1])
        if not is_open:
            lines.pop()
        size = row.bytes + len(data)
        found = extract(extent.file_type, lines, row.lines + 1)
        passages = [Passage(*each) for each in found]  # before anybody has to wait
        now = Indexed(row.generation, row.lines + len(lines), size, is_open, row.id)
        with self._database.write() as connection:
            return put_passages(connection, extent, now, passages)
