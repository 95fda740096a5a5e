"""Reading a session's files back from the server (contract §2.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync import wire
from confab_sync.backends.http.client import Client, Unanswered
from confab_sync.backends.http.failures import failure
from confab_sync.errors import BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.http.answers import Answer


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the server lists it. Its name is a claim: it must not become a path unchecked."""

    name: str
    file_type: str
    lines: int


class Downloads:
    """The files of sessions at one server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def files(self, session_id: str) -> list[RemoteFile]:
        """What the session has. Raises `BackendError`."""
        answer = _answered(lambda: self._client.get(f"{self._route(session_id)}/files"))
        listed = answer.object().get("files")
        if not isinstance(listed, list):
            raise answer.nonsense("it lists no files")
        return [_file(answer, entry) for entry in listed]

    def read(self, session_id: str, file: RemoteFile) -> bytes:
        """All lines of a file, each with its newline.

        Raises `BackendUnavailable` when there are fewer than were listed: a part is not
        taken for the whole.
        """
        route = f"{self._route(session_id)}/files/download"
        answer = _answered(lambda: self._client.get(route, {"file_name": file.name}))
        if answer.body.count(b"\n") < file.lines:
            raise answer.nonsense("it is shorter than the file that was listed")
        return answer.body

    def _route(self, session_id: str) -> str:
        return f"{wire.SESSIONS}/{quote(session_id, safe='')}"


def _answered(send: Callable[[], Answer]) -> Answer:
    try:
        answer = send()
    except Unanswered as error:
        raise BackendUnavailable(str(error)) from None
    if not answer.succeeded:
        raise failure(answer)
    return answer


def _file(answer: Answer, entry: object) -> RemoteFile:
    if isinstance(entry, dict):
        name, lines = entry.get("file_name"), entry.get("last_synced_line")
        if isinstance(name, str) and isinstance(lines, int):
            return RemoteFile(name, str(entry.get("file_type") or ""), lines)
    raise answer.nonsense("it lists what is no file")
