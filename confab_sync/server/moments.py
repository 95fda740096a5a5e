"""How moments are written in requests and answers (contract §1.8)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_RFC_3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{1,2}):([0-9]{2}):([0-9]{2})"
    r"(?:[.,]([0-9]+))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_ZERO = datetime(1, 1, 1, tzinfo=UTC)


def parsed(text: str) -> datetime | None:
    """The moment that `text` stands for, in UTC; `None` for what the contract does not accept."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        return None
    fraction = (match[7] or "")[:6].ljust(6, "0")
    numbers = [int(part) for part in match.groups()[:6]]
    try:
        moment = datetime(*numbers[:6], int(fraction), tzinfo=UTC)  # type: ignore[misc,arg-type]
        if match[8] is None:
            return moment
        hours, minutes = int(match[9]), int(match[10])
        if hours > 23 or minutes > 59:
            return None
        offset = timedelta(hours=hours, minutes=minutes)
        return moment - offset if match[8] == "+" else moment + offset
    except (ValueError, OverflowError):
        return None


def is_zero(moment: datetime) -> bool:
    """Whether it is Go's zero time, which stands for an absent one."""
    return moment == _ZERO


def text_of(moment: datetime) -> str:
    """`moment` in UTC, with as many digits of the fraction as it needs."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"
