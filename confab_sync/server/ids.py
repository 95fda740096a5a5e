"""The spellings of a session's public id that are understood (contract §2.1)."""

from __future__ import annotations

import re
from uuid import UUID

from confab_sync import wire
from confab_sync.server.answers import refusal

_SPELLINGS = re.compile(r"(\{)?(?:[0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}(?(1)\})")


def public_id(text: str) -> str:
    """The id as we write it; `RequestRefused` with 404 for what is none."""
    if not _SPELLINGS.fullmatch(text):
        raise refusal(404, wire.SESSION_NOT_FOUND)
    return str(UUID(text.strip("{}").replace("-", "")))
