"""The time zone of the person who looks at a page, as their browser tells it."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import tzinfo

    from starlette.requests import Request

COOKIE = "confab_zone"
_NAME = re.compile(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}")


def zone_of(request: Request) -> tzinfo:
    """The zone in the cookie that theme.js sets; UTC without one, and for one unknown here."""
    return named(request.cookies.get(COOKIE, ""))


def named(name: str) -> tzinfo:
    """The zone of this name; UTC for what is none, or none that this machine knows."""
    if not _NAME.fullmatch(name):
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # no such file, a directory, or not one of a zone
        return UTC
