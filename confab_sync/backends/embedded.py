"""The embedded backend: the store of this user, opened in process."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from confab_sync.backends import sameness
from confab_sync.backends.protocol import Appended, Pace
from confab_sync.errors import (
    BackendError,
    BackendRefused,
    BackendUnavailable,
    DeletedSession,
    NotContiguous,
    PositionMoved,
    SessionGone,
    StoreDamaged,
    StoreError,
    StoreTooNew,
    StoreUnavailable,
    UnknownSession,
)
from confab_sync.store.chunks import MERGE_BELOW, ROW_BYTES
from confab_sync.store.codec import Packer
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.store.values import (
        Chunk,
        FilePosition,
        OpenedSession,
        SessionInfo,
        SideFile,
    )


def _now() -> datetime:
    return datetime.now(UTC)


class EmbeddedBackend:
    """A `Backend` on the store at `path`, which is opened when it is first needed."""

    name = "embedded"
    requests = 0
    pace = Pace(debounce=0.05, spacing=0.1, longest_spacing=0.8)

    def __init__(self, path: str) -> None:
        self._path = path
        self._store: Store | None = None
        self._packer = Packer()

    def takes(self, kind: str, name: str) -> bool:
        """The store keeps everything."""
        return True

    def open_session(self, info: SessionInfo) -> OpenedSession:
        """Find or create the session in the store."""
        with _translated():
            return self._opened().open_session(info)

    def prepared(self, chunk: Chunk) -> Chunk:
        """The chunk with its bytes packed as a row of the store, if they are likely to be one."""
        if chunk.prepared is not None or not MERGE_BELOW <= len(chunk.data) <= ROW_BYTES:
            return chunk
        return replace(chunk, prepared=self._packer.packed(chunk.data))

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        """Append to the stored file, byte by byte; durable when it returns."""
        with _translated():
            return Appended(self._opened().append(session_id, self.prepared(chunk).described()))

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        """Whether the lines are in the newest generation of the stored file."""
        try:
            with _translated():
                before = chunk.first_line - 1
                pieces = self._opened().read_after(session_id, chunk.file_name, before)
                return sameness.are_there(chunk, pieces)
        except BackendError:
            return None

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        """Begin a new generation; the old one stays readable."""
        with _translated():
            return self._opened().restart_file(session_id, file_name)

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        """Store a side file whole."""
        with _translated():
            self._opened().put_side_file(session_id, side_file)

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        """Append a session_end event."""
        with _translated():
            self._opened().add_event(session_id, "session_end", timestamp, payload)

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        """Set the summary of a stored session."""
        with _translated():
            self._opened().set_summary(provider, external_id, summary)

    def close(self) -> None:
        """Close the store; it opens again when needed."""
        if self._store is not None:
            self._store.close()
            self._store = None

    def _opened(self) -> Store:
        if self._store is None:
            self._store = Store.open(self._path, clock=_now)
        return self._store


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except NotContiguous as error:
        raise PositionMoved(str(error)) from error
    except DeletedSession as error:
        raise SessionGone(str(error)) from error
    except UnknownSession as error:  # another store lies here now: the session is opened anew
        raise PositionMoved(str(error)) from error
    except (StoreUnavailable, StoreDamaged, StoreTooNew) as error:
        # A damaged or newer store may be replaced by the user while the daemon lives.
        raise BackendUnavailable(str(error)) from error
    except StoreError as error:
        raise BackendRefused(str(error)) from error
