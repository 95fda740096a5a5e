"""How undecoded text begins that a rule may match, with next to nothing to count in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confab_sync.redaction.rule import Rule

_PART = re.compile(
    r"\\."
    r"|\[\^?(?:\\.|[^\\\]])*\]"
    r"|\{(?P<least>[0-9]+)(?P<more>,[0-9]*)?\}"
    r"|.",
    re.DOTALL,
)
_TELLING = 3
"""Letters that a keyword has to have to be rare in text."""
_SHORT = 8
"""Repetitions that may stay as they are, if no more have to be there."""
_COUNTED, _COUNTED_WITHOUT_KEYWORD = 2, 12
"""Repetitions that are counted behind a keyword, and where the keyword says little by itself."""


def opening(rule: Rule) -> str:
    """A pattern that matches wherever the trigger of `rule` does.

    It ends behind the first long repetition; one within a group is shortened.
    """
    is_telling = all(len(each.strip(":/-. ")) >= _TELLING for each in rule.keywords)
    most = _COUNTED if is_telling else _COUNTED_WITHOUT_KEYWORD
    kept: list[str] = []
    depth = 0
    for part in _PART.finditer(rule.raw_trigger):
        depth += {"(": 1, ")": -1}.get(part.group(), 0)
        if part["least"] is None or int(part["least"]) <= _SHORT:
            kept.append(part.group())
        elif depth == 0 and int(part["least"]) >= most:
            return "".join(kept) + f"{{{most}}}"
        else:
            kept.append(f"{{{min(most, int(part['least']))},}}")
    return "".join(kept)
