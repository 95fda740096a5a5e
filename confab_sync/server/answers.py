"""The shapes of answers: JSON as Go writes it, plain text, nothing (contract §1.7)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from confab_sync import wire
from confab_sync.errors import RequestRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON, with a newline, which no cache keeps."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for plain, escaped in _ESCAPES.items():
        text = text.replace(plain, escaped)
    data = (text + "\n").encode("utf-8", "replace")
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(data, status, media_type=wire.JSON_TYPE, headers=kept)


def as_text(text: str, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in plain text, of one line."""
    kept = {"Cache-Control": "no-store", "Content-Type": wire.TEXT_TYPE, **(headers or {})}
    return Response((text + "\n").encode(), status, headers=kept)


def empty(status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer without a body."""
    return Response(status_code=status, headers=headers)


def refusal(status: int, message: str) -> RequestRefused:
    """The error that becomes `{"error": message}`."""
    return RequestRefused(status, {"error": message})


def storage_unavailable() -> RequestRefused:
    """The error for a store that is locked, full or unreadable just now."""
    return RequestRefused(503, {"error": wire.STORAGE_UNAVAILABLE}, {"Retry-After": "5"})


def refused(error: RequestRefused) -> Response:
    """What a `RequestRefused` looks like to the client."""
    if isinstance(error.body, str):
        return as_text(error.body, error.status, error.headers)
    return as_json(error.body, error.status, error.headers)
