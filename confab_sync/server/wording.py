"""Moments, sizes and numbers as the pages say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Sequence

_STEPS = ((60, "s", 1), (3600, "min", 60), (86_400, "h", 3600), (86_400 * 60, "d", 86_400))


def ago(moment: datetime | None, now: datetime) -> Markup:
    """How long ago it was, as a `<time>` that base.js keeps true; an em dash for no moment."""
    if moment is None:
        return Markup('<span class="none">—</span>')
    utc = moment.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC" data-ago>{}</time>').format(
        utc.isoformat(timespec="seconds"), f"{utc:%Y-%m-%d %H:%M:%S}", since(now - utc)
    )


def since(age: timedelta) -> str:
    """An age in one unit: `now`, `12 s`, `5 min`, `3 h`, `12 d`, `4 mo`, `2 y`."""
    seconds = age.total_seconds()
    if seconds < 5:
        return "now"
    for limit, unit, size in _STEPS:
        if seconds < limit:
            return f"{int(seconds // size)} {unit}"
    months = int(seconds // (86_400 * 30.44))
    return f"{months} mo" if months < 24 else f"{months // 12} y"


def sized(count: int) -> str:
    """A number of bytes in three digits at most: `812 B`, `3.4 MB`."""
    return _scaled(count, (" B", " KB", " MB", " GB", " TB"))


def counted(count: float) -> str:
    """A number with its thousands kept apart by narrow spaces."""
    return f"{count:,.0f}".replace(",", "\u202f")


def shortened(count: float) -> str:
    """A number in three digits at most: `812`, `3.4k`, `1.2M`."""
    return _scaled(count, ("", "k", "M", "G", "T"))


def lasting(seconds: float) -> str:
    """A duration in its two largest units: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    whole = round(seconds)
    for size, unit, smaller, small in (
        (86_400, "d", 3600, "h"),
        (3600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"


def _scaled(count: float, units: Sequence[str]) -> str:
    value, place = float(count), 0
    while value >= 999.5 and place < len(units) - 1:
        value /= 1000
        place += 1
    digits = 1 if place and value < 9.95 else 0
    return f"{value:.{digits}f}{units[place]}"
