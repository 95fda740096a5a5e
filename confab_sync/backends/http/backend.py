"""A `Backend` on a server that speaks the confab-web API."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from confab_sync import wire
from confab_sync.backends import sameness
from confab_sync.backends.http import answers, lines, payloads
from confab_sync.backends.http.client import SECONDS
from confab_sync.backends.http.downloads import Downloads
from confab_sync.backends.http.failures import failure, no_key
from confab_sync.backends.http.repeats import Repeats
from confab_sync.backends.http.upload import Aim, LinesRefused, TooLarge, Upload, is_about_lines
from confab_sync.backends.protocol import Appended, Pace
from confab_sync.errors import (
    BackendError,
    BackendForbidden,
    BackendRefused,
    BackendUnavailable,
    FileDiverged,
    FileUnavailable,
    SessionGone,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from confab_sync.backends.http.answers import Answer
    from confab_sync.backends.http.client import Client
    from confab_sync.backends.http.retrying import Asking
    from confab_sync.store.values import (
        Chunk,
        FilePosition,
        OpenedSession,
        SessionInfo,
        SideFile,
    )


class HttpBackend:
    """Keeps sessions at the server that `client` talks to.

    The server counts lines and not bytes, keeps no generations of a file, and takes some
    kinds of files only if it says so. `live` gives what the daemon says of itself in passing,
    to a server that wants to hear it (`wire.LIVE_HEADER`).
    """

    # A user may have 2000 requests at once and 10 000 an hour (§1.5), for all sessions together.
    pace = Pace(debounce=0.05, spacing=0.25, longest_spacing=10.0, burst=100)

    def __init__(
        self,
        client: Client,
        asking: Asking,
        live: Callable[[], Mapping[str, object]] = dict,
    ) -> None:
        self.name = client.address.url
        self._client = client
        self._asking = asking
        self._live = live
        self._wants_live = False
        self._context: Mapping[str, object] = {}
        self._context_of = ""
        """The session of that context: who imports sends many, one after the other."""
        self._capabilities: frozenset[str] | None = None
        self._aim = Aim()
        self._repeats = Repeats()

    @property
    def requests(self) -> int:
        """How often the server was asked for something until now."""
        return self._client.requests

    def takes(self, kind: str, name: str) -> bool:
        """Transcripts and subagents always, the rest if the server advertises it (§2.3).

        Raises `FileUnavailable` when the server cannot say now.
        """
        if kind == wire.TRANSCRIPT or (kind == wire.AGENT and "/" not in name):
            return True
        wanted = {wire.AGENT: wire.WORKFLOW_FILES, wire.WORKFLOW_JOURNAL: wire.WORKFLOW_JOURNALS}
        return wanted.get(kind, wire.SIDE_FILES) in self._advertised()

    def open_session(self, info: SessionInfo) -> OpenedSession:
        """Find or create the session (§2.4). Details that are refused are left out.

        Raises `SessionGone` when the one that the caller knows was deleted (§3.6).
        """
        if info.known_id:
            known = self._files_of(info.known_id)
            if not known.succeeded:
                raise failure(known)
        answer = self._post(wire.INIT, payloads.init(info))
        if isinstance(failure(answer), BackendRefused) and not answer.succeeded:
            answer = self._post(wire.INIT, payloads.init(info, with_details=False))
        if not answer.succeeded:
            error = failure(answer)
            # An API that cannot find what it is asked to create is not there.
            raise BackendUnavailable(str(error)) if isinstance(error, SessionGone) else error
        self._wants_live = answer.wants_live
        return answers.opened_session(answer, info.provider)

    def prepared(self, chunk: Chunk) -> Chunk:
        """The chunk with its lines as they are put into requests."""
        return replace(chunk, prepared=lines.encode(chunk))

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        """Send the lines of `chunk` (§2.5); a part of them may be stored when this fails."""
        chunk = chunk.described()
        found = lines.encoded(chunk)
        metadata = payloads.chunk_metadata(chunk.metadata, chunk.file_type)
        if chunk.metadata.context_used is not None:
            self._context, self._context_of = payloads.context(chunk.metadata), session_id
        upload = Upload(
            session_id,
            chunk,
            metadata,
            lambda body: self._send_lines(session_id, chunk.file_name, body),
            self._aim,
        )
        last = upload.run(found.encoded)
        self._repeats.finished(chunk.file_name)
        return Appended(last, found.replaced + upload.refused, found.repaired)

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        """Read the lines of these numbers back (§2.9), in one request that nothing depends on.

        The route takes no key for granted, so one that is refused, a session that is gone and a
        server without the route look alike: it does not say.
        """
        there = Downloads(self._client, session_id, "", waits=(0.0,), seconds=SECONDS)
        try:
            with closing(there.read_after(chunk.file_name, chunk.first_line - 1)) as pieces:
                return sameness.are_there(chunk, pieces)
        except BackendError:
            return None

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        """Raises `FileDiverged`: lines that were sent stay what they are."""
        raise FileDiverged(f"{file_name} was rewritten locally; {self.name} keeps what it had")

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        """Store a side file whole: an extension of our own server."""
        if len(side_file.data) > wire.SIDE_FILE_BODY:
            raise BackendRefused(f"{len(side_file.data)} bytes are too many for the backend")
        parameters = {
            "session_id": session_id,
            "name": side_file.name,
            "mtime_ns": str(side_file.mtime_ns),
        }
        answer = self._ask(
            lambda: self._client.put_bytes(wire.SIDE_FILE, side_file.data, parameters)
        )
        self._require_success(answer, session_id)

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        """Record the end (§2.6). A payload that is refused is left out."""
        body = payloads.session_end(session_id, timestamp, payload)
        answer = self._post(wire.EVENT, body, session_id, repeatable=False)
        if answer.status == 400 and payload is not None:
            body = payloads.session_end(session_id, timestamp, None)
            answer = self._post(wire.EVENT, body, session_id, repeatable=False)
        self._require_success(answer, session_id)

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        """Set another session's summary (§2.7). The API finds it without its provider."""
        route = f"{wire.SESSIONS}/{quote(external_id, safe='')}/summary"
        answer = self._ask(lambda: self._client.patch(route, payloads.summary(summary)))
        if not answer.succeeded:
            error = failure(answer)
            if not isinstance(error, (SessionGone, BackendForbidden, BackendRefused)):
                raise error

    def close(self) -> None:
        """Close the connections; they open again when needed."""
        self._client.close()

    def _send_lines(self, session_id: str, file_name: str, body: bytes) -> int:
        """Post one body of lines; the line it acknowledges."""
        if len(body) > wire.CHUNK_BODY:
            raise TooLarge(f"a request of {len(body)} bytes is too large for the API")
        try:
            answer = self._post(wire.CHUNK, body, session_id)
        except FileUnavailable as error:
            if self._repeats.failed(file_name):
                raise LinesRefused(str(error)) from error
            raise
        if answer.succeeded:
            self._repeats.succeeded()
            return answers.last_line(answer)
        if answer.status == 413:
            raise TooLarge(str(failure(answer)))
        refusal = self._failure(answer, session_id)
        if isinstance(refusal, BackendRefused) and is_about_lines(answer.error):
            raise LinesRefused(str(refusal))
        raise refusal

    def _post(
        self, route: str, body: bytes, session_id: str = "", *, repeatable: bool = True
    ) -> Answer:
        context = self._context if session_id and session_id == self._context_of else {}
        live = payloads.live({**self._live(), **context}) if self._wants_live else ""
        return self._ask(lambda: self._client.post(route, body, live), repeatable=repeatable)

    def _ask(self, send: Callable[[], Answer], *, repeatable: bool = True) -> Answer:
        if not self._client.has_key:
            raise no_key(self._client)
        return self._asking.ask(send, repeatable=repeatable)

    def _require_success(self, answer: Answer, session_id: str) -> None:
        if not answer.succeeded:
            raise self._failure(answer, session_id)
        if answer.object().get("success") is not True:
            raise answer.nonsense("it does not say that it was done")

    def _failure(self, answer: Answer, session_id: str) -> BackendError:
        """The error of an answer about a session. Asks again before a session counts as gone.

        Never by init, which would create it anew (§3.6).
        """
        error = failure(answer)
        if not isinstance(error, SessionGone):
            return error
        second = self._files_of(session_id)
        if second.succeeded:
            return BackendUnavailable(f"{error}, and lists it all the same")
        return failure(second)

    def _files_of(self, session_id: str) -> Answer:
        route = f"{wire.SESSIONS}/{quote(session_id, safe='')}/files"
        return self._ask(lambda: self._client.get(route))

    def _advertised(self) -> frozenset[str]:
        if self._capabilities is None:
            answer = self._ask(lambda: self._client.get(wire.CAPABILITIES))
            # An API from before there were any says so in plain words; a page is somebody else's.
            if answer.status == 404 and answer.media_type != "text/html":
                self._capabilities = frozenset()
            elif answer.succeeded:
                self._capabilities = answers.capabilities(answer)
            else:
                raise FileUnavailable(str(failure(answer)))
        return self._capabilities
