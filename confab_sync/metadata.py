"""What lines say about their session, as an assistant reads it and a backend keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class ChunkMetadata:
    """What a chunk says about its session; heard on `transcript` chunks only (contract §3.4).

    `None` says nothing. The last `summary` and `git_info` win, the first `first_user_message`
    wins, the newest `latest_message_at` (at most 48 h ahead) and the oldest `created_at` win.
    `context_used` of `context_size` tokens are before the model at the last answer; no backend
    keeps them, they are told in passing (`wire.LIVE_HEADER`).
    """

    summary: str | None = None
    first_user_message: str | None = None
    git_info: object | None = None
    latest_message_at: datetime | None = None
    created_at: datetime | None = None
    context_used: int | None = None
    context_size: int | None = None
