"""How paths, counts and sizes are put into words for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.paths import user_home

if TYPE_CHECKING:
    from collections.abc import Mapping


def short_path(path: str, environ: Mapping[str, str]) -> str:
    """`path` with the home directory as `~`, and with what is not UTF-8 made visible."""
    home = user_home(environ).rstrip("/")
    if home and (path == home or path.startswith(home + "/")):
        path = "~" + path[len(home) :]
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def counted(number: int, noun: str) -> str:
    """`1 session`, `2 sessions`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def size_in_words(size: int) -> str:
    """A number of bytes with a unit that leaves few digits: `812 bytes`, `3.4 MB`."""
    if size < 1000:
        return counted(size, "byte")
    for unit, scale in (("kB", 1e3), ("MB", 1e6)):
        if size < 999.95 * scale:
            return f"{size / scale:.1f} {unit}"
    return f"{size / 1e9:.1f} GB"
