"""Streams stored files, one piece at a time and no more in memory (contract §2.9)."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

from confab_sync import wire
from confab_sync.errors import RequestRefused
from confab_sync.server.answers import refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from confab_sync.server.services import Services
    from confab_sync.store.files import FileRow
    from confab_sync.store.store import Store
    from confab_sync.store.user_sessions import UserSessions
    from confab_sync.store.users import User

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class FileReader:
    """Answers with the content of files."""

    def __init__(self, services: Services) -> None:
        self._pool = services.pool

    async def answer(
        self,
        user: User,
        session_id: str,
        name: str,
        *,
        line_offset: int = 0,
        is_download: bool = False,
    ) -> Response:
        """The lines after the first `line_offset` of them, each with its newline.

        What is appended while it is read is left out. Raises `RequestRefused` with 404 when
        there is no such file, or nothing that the user may see.
        """

        def find(sessions: UserSessions) -> tuple[FileRow, int]:
            file = sessions.find_file(session_id, name)
            if file is None:
                raise refusal(404, wire.FILE_NOT_FOUND)
            return file, sessions.start_of_line(file, line_offset + 1)

        try:
            file, start = await self._pool.run(lambda store: find(store.sessions_of(user.id)))
        except RequestRefused as error:
            if error.status == 403:
                raise refusal(404, wire.SESSION_NOT_FOUND) from None
            raise
        rest = file.bytes - start
        # The embedded store keeps a last line that has no newline yet.
        ending = b"\n" if file.position.open_end and rest else b""
        headers = {"Content-Type": wire.TEXT_TYPE, "Cache-Control": "no-store"}
        headers["Content-Length"] = str(rest + len(ending))
        if is_download:
            headers["Content-Disposition"] = f'attachment; filename="{_UNSAFE.sub("_", name)}"'
        return StreamingResponse(self._pieces(user, file, start, ending), headers=headers)

    async def _pieces(
        self, user: User, file: FileRow, start: int, ending: bytes
    ) -> AsyncIterator[bytes]:
        while start < file.bytes:
            piece = await self._pool.run(partial(_piece, user.id, file, start))
            start += len(piece)
            yield piece
        if ending:
            yield ending


def _piece(user: int, file: FileRow, position: int, store: Store) -> bytes:
    return store.sessions_of(user).piece(file, position)
