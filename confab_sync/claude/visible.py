"""Characters that a reader would not see, or that change how the rest is read, made visible."""

from __future__ import annotations

import re

_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
"""C0 and C1 controls, bidirectional controls, blanks without width, tags, half surrogates.

Joiners stay: emoji and several scripts are written with them. Bidirectional controls are those
of Unicode UAX 9; tags (U+E0000) are read by models and seen by nobody.
"""


def visible(text: str) -> str:
    """`text` with `⟦U+202E⟧` in place of an override, `⟦U+001B⟧` in place of an escape character.

    Newlines and tabs stay; colours of a terminal are left out, and so are carriage returns
    before newlines.
    """
    if text.isascii() and text.isprintable():
        return text
    return STEERING.sub(_mark, _COLOUR.sub("", text.replace("\r\n", "\n")))


def _mark(found: re.Match[str]) -> str:
    return f"⟦U+{ord(found[0]):04X}⟧"
