"""One session's files, wherever they are kept: what listing and exporting need of a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from confab_sync.store.store import Store
    from confab_sync.store.values import StoredSession


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it is listed; what the place does not tell is `None`.

    Its name is a claim: it must not become a path unchecked (contract §3.3). `updated_at` is a
    moment in RFC 3339.
    """

    name: str
    file_type: str
    lines: int
    bytes: int | None
    generation: int | None
    updated_at: str


@dataclass(frozen=True, slots=True)
class SourceSideFile:
    """A side file as it is listed; its name is a claim, too."""

    name: str
    bytes: int
    updated_at: str


class Source(Protocol):
    """One session at the place where it is kept; every method raises `ConfabError`s only."""

    @property
    def place(self) -> str:
        """What status calls the backend."""

    @property
    def session_id(self) -> str:
        """The session's id there."""

    @property
    def external_id(self) -> str:
        """The assistant's own id of the session."""

    def files(self) -> Sequence[SourceFile]:
        """The files that consist of lines."""

    def side_files(self) -> Sequence[SourceSideFile]:
        """The files that are kept whole."""

    def read_file(self, name: str) -> Iterable[bytes]:
        """The bytes of a file that was listed, in pieces; each call begins anew."""

    def read_after(self, name: str, lines: int) -> Iterable[bytes]:
        """The bytes of a file that was listed, without its first `lines`, in pieces."""

    def read_side_file(self, name: str) -> Iterable[bytes]:
        """The bytes of a side file that was listed, in pieces; each call begins anew."""


class StoreSource:
    """A session of the embedded store."""

    place = "embedded"

    def __init__(self, store: Store, session: StoredSession) -> None:
        self.session_id = session.session_id
        self.external_id = session.external_id
        self._store = store

    def files(self) -> list[SourceFile]:
        """The newest generation of each file."""
        return [
            SourceFile(
                file.name,
                file.file_type,
                file.lines,
                file.bytes,
                file.generation,
                file.updated_at.isoformat(),
            )
            for file in self._store.files(self.session_id)
        ]

    def side_files(self) -> list[SourceSideFile]:
        """The side files by name."""
        return [
            SourceSideFile(file.name, file.bytes, file.updated_at.isoformat())
            for file in self._store.side_files(self.session_id)
        ]

    def read_file(self, name: str) -> Iterable[bytes]:
        """The bytes of a file."""
        return self._store.read_file(self.session_id, name)

    def read_after(self, name: str, lines: int) -> Iterable[bytes]:
        """The bytes of a file behind its first `lines`."""
        return self._store.read_after(self.session_id, name, lines)

    def read_side_file(self, name: str) -> list[bytes]:
        """The bytes of a side file."""
        return [self._store.read_side_file(self.session_id, name)]
