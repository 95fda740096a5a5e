"""Which names of files the store takes, in storage and on a screen."""

from __future__ import annotations

from confab_sync.errors import StoreError

MAX_NAME_BYTES = 512
"""The longest name of a file, in bytes of UTF-8 (contract §2.5)."""


def check_name(name: str) -> None:
    """Refuse a name that is not a clean relative path (contract §3.3: readers turn it into one).

    Raises `StoreError` when `name` is empty, absolute, longer than 512 bytes, not valid
    Unicode, or has a NUL, an empty component, `.` or `..` in it.
    """
    reason = _objection(name)
    if reason:
        raise StoreError(f"the store refuses the file name {name[:80]!a}: {reason}")


def _objection(name: str) -> str | None:
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    if length > MAX_NAME_BYTES:
        return f"it is longer than {MAX_NAME_BYTES} bytes"
    if "\0" in name:
        return "it contains a NUL"
    if name.startswith("/"):
        return "it is an absolute path"
    if any(part in ("", ".", "..") for part in name.split("/")):
        return "it has an empty, '.' or '..' component"
    return None


HARMLESS = frozenset(
    "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\u200c\u200d"
)
"""Blanks of other widths, and the joiners of emoji and of several scripts: texts hold them."""


def printable(text: str) -> str:
    """`text` with every character that could steer a terminal written as an escape."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() or c in HARMLESS else c.encode("unicode_escape").decode() for c in text
    )
