"""How paths, counts, sizes and spans of time are put into words, for and by a person."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync.paths import user_home
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Mapping


_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def short_path(path: str, environ: Mapping[str, str]) -> str:
    """`path` with the home directory as `~`, and with everything made visible.

    What is not UTF-8 and what could steer a terminal stands there as an escape.
    """
    home = user_home(environ).rstrip("/")
    if home and (path == home or path.startswith(home + "/")):
        path = "~" + path[len(home) :]
    return printable(path.encode("utf-8", "backslashreplace").decode("utf-8"))


def in_local_time(text: str) -> str:
    """`text` with each moment in it as a person's clock shows it; a program gets those of UTC."""
    return _MOMENT.sub(
        lambda found: datetime.fromisoformat(found[0]).astimezone().strftime("%Y-%m-%d %H:%M"),
        text,
    )


def counted(number: int, noun: str) -> str:
    """`1 session`, `2 sessions`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size_in_words(size: int) -> str:
    """A number of bytes with a unit that leaves few digits: `812 bytes`, `3.4 MB`."""
    if size < 1000:
        return counted(size, "byte")
    for unit, scale in (("kB", 1e3), ("MB", 1e6)):
        if size < 999.95 * scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"


def span(text: str, units: str) -> timedelta | None:
    """The time that `90m`, `6h`, `30d` or `12w` stands for; None for what is none, or nothing.

    `units` are the letters that are allowed.
    """
    match = re.fullmatch(rf"([0-9]{{1,9}})([{units}])", text.strip().lower())
    try:
        found = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None
    except OverflowError:
        return None
    return found or None
