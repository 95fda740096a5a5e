"""Which error an answer that is no success means (contract §1.5 to §1.7, §2.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from confab_sync import wire
from confab_sync.backends.http.answers import LOGIN, LONGEST_TEXT
from confab_sync.backends.http.client import Unanswered
from confab_sync.backends.http.texts import printable
from confab_sync.errors import (
    BackendForbidden,
    BackendRefused,
    BackendUnauthorized,
    BackendUnavailable,
    FileUnavailable,
    PositionMoved,
    SessionGone,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.http.answers import Answer
    from confab_sync.backends.http.client import Client
    from confab_sync.errors import BackendError

LONGEST_QUOTE = 200
"""Characters of a server's message that are repeated."""


def log_in(login: str) -> str:
    """What to do about a key that is missing or unknown; `login` is the command for it."""
    return f"run `{login}`" + (", or `confab setup` with a new key" if login == LOGIN else "")


def no_key(client: Client) -> BackendUnauthorized:
    """The error for asking a server without a key."""
    return BackendUnauthorized(
        f"there is no API key for {client.address.url}; {log_in(client.login)}"
    )


def failure(answer: Answer) -> BackendError:
    """The error for an answer that is no success.

    A server may repeat what it was sent, so what is quoted of it is masked.
    """
    message = answer.error
    status, where = answer.status, answer.where
    said = f"{where} answered {status}" + _quoted(answer)
    if status == 401:
        why = f"the server does not know this API key; {log_in(answer.login)}"
        return BackendUnauthorized(f"{said}: {why}")
    if status == 403:
        if message == wire.STORAGE_DENIED:
            return BackendUnavailable(said)
        return BackendForbidden(f"{said}: this user may not do that")
    if status == 404:
        if message == wire.SESSION_NOT_FOUND:
            return SessionGone(said)
        if message is not None:  # the object store's trouble, not the session's
            return BackendUnavailable(said)
        return BackendUnavailable(f"{said}: no confab API is there; is backend_url right?")
    if status == 400 and message is not None and expected_line(answer) is not None:
        return PositionMoved(said)
    if 300 <= status < 400:
        return BackendUnavailable(f"{said}: it points to {_origin(answer.location)}")
    if status == 407:
        return BackendUnavailable(f"{said}: the proxy wants to know who you are")
    if status == 500 and message is not None:  # the API is there: it is this request that fails
        return FileUnavailable(said)
    if status in (408, 425, 429) or status >= 500 or status < 300:
        return BackendUnavailable(said, retry_after=_seconds(answer.retry_after))
    return BackendRefused(said)


def answered(send: Callable[[], Answer]) -> Answer:
    """What `send` returns; no answer is `BackendUnavailable`."""
    try:
        return send()
    except Unanswered as error:
        raise BackendUnavailable(str(error)) from None


def expected_line(answer: Answer) -> int | None:
    """The line that the server says a file goes on at; None when it says no such thing (§3.3)."""
    import re

    found = re.match(wire.NOT_CONTIGUOUS_PATTERN, answer.error or "")
    return int(found[1]) if found else None


def _quoted(answer: Answer) -> str:
    message = answer.error if answer.error is not None else answer.text
    shown = printable(_masked(message)[:LONGEST_QUOTE])
    return f' "{shown}"' if shown else ""


def _masked(message: str) -> str:
    """The message without what looks like a secret; masked before it is cut."""
    from confab_sync.redaction.configured import masker_from

    masker = masker_from(None)
    return masker.mask_text(message[:LONGEST_TEXT]) if masker and message else ""


def _seconds(retry_after: str) -> float | None:
    """Whole seconds only: a date would need two clocks that agree (contract §4.4)."""
    digits = retry_after.strip()
    return float(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None


def _origin(location: str) -> str:
    """Where a redirect leads, without what its path or query may hold."""
    try:
        parts = urlsplit(location)
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return "elsewhere"
    if not parts.scheme or not host:
        return "another path of the same server; is backend_url right?"
    return f"{printable(f'{parts.scheme}://{host}')[:200]}; is that the right backend_url?"
