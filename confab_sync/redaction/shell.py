"""Where in a text an environment variable may be set."""

from __future__ import annotations

import re

_COMMANDS = (
    b"export", b"set", b"ENV", b"ARG", b"env", b"sudo", b"declare -x", b"readonly", b"local",
)  # fmt: skip
_OPTIONS = (b"-e", b"--env", b"--build-arg")
_SEPARATORS = (b";", b"&", b"|")
_LINE_STARTS = (b"\n", b"\x00", b"\xe2\x86\x92", b"\xff")
_INDENT = b" \t+-"
_OTHER_VARIABLE = re.compile(rb"[A-Z0-9_]=[^\s=]*+[ \t]")


def may_begin_here(before: bytes) -> bool:
    """Whether the setting of an environment variable may stand after `before`."""
    if _begins_line(before):
        return True
    text = before.rstrip(b" \t")
    if text is not before and text.endswith(_COMMANDS):
        lengths = (len(command) for command in _COMMANDS if text.endswith(command))
        if any(_begins_line(text[:-length]) for length in lengths):
            return True
    if before.endswith(b"$env:"):
        return _begins_line(before[:-5])
    equals = before.rfind(b"=")
    return equals > 0 and _OTHER_VARIABLE.fullmatch(before, equals - 1) is not None


def _begins_line(before: bytes) -> bool:
    """Whether a line, or a command in one, begins after `before`."""
    text = before.rstrip(_INDENT)
    if not text or text.endswith(_LINE_STARTS):
        return True
    gap = before[len(text) : len(text) + 1]
    if gap == b"\t" and text[-1:].isdigit():
        return True
    if gap in (b" ", b"\t") and text.endswith(_SEPARATORS):
        return True
    return gap == b" " and text.endswith(_OPTIONS)
