"""Reading a session's files back from the server (contract §2.9)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync import wire
from confab_sync.backends.http import answers
from confab_sync.backends.http.client import DOWNLOAD_SECONDS, Client, Unanswered
from confab_sync.backends.http.failures import failure, no_key
from confab_sync.errors import BackendUnavailable
from confab_sync.store.source import SourceFile, SourceSideFile

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from confab_sync.backends.http.answers import Answer

LINES_TYPE = "text/plain"

WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 0.0)
"""Seconds before a server that answers 429 is asked again; 0 for not at all (§4.4)."""

LONGEST_WAIT = 60.0
"""Seconds: a person waits for no longer, whatever the server asks for."""


class Downloads:
    """A session's files at one server; a `store.source.Source`.

    `session_id` is the server's, `external_id` the assistant's. A server that is asked too
    often is waited for with `pause` (seconds), as `waits` says; a file may take `seconds`. Every
    method raises `BackendError`.
    """

    def __init__(
        self,
        client: Client,
        session_id: str,
        external_id: str,
        pause: Callable[[float], None] = time.sleep,
        waits: Sequence[float] = WAITS,
        seconds: float = DOWNLOAD_SECONDS,
    ) -> None:
        self.place = client.address.url
        self.session_id = session_id
        self.external_id = external_id
        self._client = client
        self._pause = pause
        self._waits = waits
        self._seconds = seconds
        self._route = f"{wire.SESSIONS}/{quote(session_id, safe='')}"
        self._lines: dict[str, int] = {}

    def files(self) -> list[SourceFile]:
        """What the session has. The API tells no sizes."""
        answer = self._get(f"{self._route}/files")
        listed = answer.object().get("files")
        if not isinstance(listed, list):
            raise answer.nonsense("it lists no files")
        files = [_file(answer, entry) for entry in listed]
        self._lines = {file.name: file.lines for file in files}
        return files

    def side_files(self) -> list[SourceSideFile]:
        """What our own server keeps whole; nothing where that is not advertised."""
        capabilities = self._get(wire.CAPABILITIES, may_lack=True)
        if not capabilities.succeeded or wire.SIDE_FILES not in answers.capabilities(capabilities):
            return []
        answer = self._get(f"{self._route}/{wire.SIDE_FILES_BELOW}")
        listed = answer.object().get("side_files")
        if not isinstance(listed, list):
            raise answer.nonsense("it lists no side files")
        return [_side_file(answer, entry) for entry in listed]

    def read_file(self, name: str) -> Iterator[bytes]:
        """All lines of a file, each with its newline, in pieces.

        Raises `BackendUnavailable` at the end when there were fewer than were listed: a part
        is not taken for the whole.
        """
        lines = 0
        for piece in self._pieces(f"{self._route}/files/download", {"file_name": name}, LINES_TYPE):
            lines += piece.count(b"\n")
            yield piece
        if lines < self._lines.get(name, 0):
            raise BackendUnavailable(f"{self.place} sent {name!a} shorter than it lists it")

    def read_after(self, name: str, lines: int) -> Generator[bytes]:
        """The lines of a file behind its first `lines`, in pieces.

        Where those end in the middle of a chunk the server may keep the last newline back.
        """
        params = {"file_name": name, "line_offset": str(lines)}
        return self._pieces(f"{self._route}/sync/file", params, LINES_TYPE)

    def read_side_file(self, name: str) -> Iterator[bytes]:
        """A side file, in pieces."""
        route = f"{self._route}/{wire.SIDE_FILES_BELOW}/download"
        return self._pieces(route, {"name": name}, wire.SIDE_FILE_TYPE)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _get(self, route: str, *, may_lack: bool = False) -> Answer:
        self._require_key()
        for wait in self._waits:
            try:
                answer = self._client.get(route)
            except Unanswered as error:
                raise BackendUnavailable(str(error)) from None
            if not self._is_to_be_asked_again(answer, wait):
                break
        if not answer.succeeded and not (may_lack and answer.status == 404):
            raise failure(answer)
        return answer

    def _pieces(self, route: str, params: dict[str, str], media_type: str) -> Generator[bytes]:
        self._require_key()
        for wait in self._waits:
            try:
                with self._client.streamed(route, params, self._seconds) as (answer, pieces):
                    if answer.succeeded:
                        if answer.media_type != media_type:
                            raise answer.nonsense("that is no file: a sign-in page in between?")
                        yield from pieces
                        return
            except Unanswered as error:
                raise BackendUnavailable(str(error)) from None
            if not self._is_to_be_asked_again(answer, wait):
                raise failure(answer)

    def _is_to_be_asked_again(self, answer: Answer, wait: float) -> bool:
        """Whether only the pace was wrong; then after the time that the server names (§4.4)."""
        if answer.status != 429 or not wait:
            return False
        error = failure(answer)
        asked = error.retry_after if isinstance(error, BackendUnavailable) else None
        self._pause(min(asked or wait, LONGEST_WAIT))
        return True

    def _require_key(self) -> None:
        if not self._client.has_key:
            raise no_key(self._client)


def _file(answer: Answer, entry: object) -> SourceFile:
    if isinstance(entry, dict):
        name, lines = entry.get("file_name"), entry.get("last_synced_line")
        if isinstance(name, str) and answers.is_count(lines):
            return SourceFile(
                name, _text(entry, "file_type"), lines, None, None, _text(entry, "updated_at")
            )
    raise answer.nonsense("it lists what is no file")


def _side_file(answer: Answer, entry: object) -> SourceSideFile:
    if isinstance(entry, dict):
        name, size = entry.get("name"), entry.get("bytes")
        if isinstance(name, str) and answers.is_count(size):
            return SourceSideFile(name, size, _text(entry, "updated_at"))
    raise answer.nonsense("it lists what is no side file")


def _text(entry: dict[str, object], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""
