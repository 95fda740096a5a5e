"""What the names of models tell."""

from __future__ import annotations

import re

USUAL = 200_000
LARGE = 1_000_000

_DATE = re.compile(r"-20\d{6}$")
_VERSION = re.compile(r"(?<=\d)-(?=\d)")


def context_size(model: str, used: int) -> int:
    """The size of the model's context in tokens, as far as its name and its use tell.

    Claude Code writes `[1m]` behind the names of models with the larger one; a transcript may
    name the model without it, and then more tokens than usually fit tell the same.
    """
    return LARGE if "[1m]" in model or used > USUAL else USUAL


def short_name(model: str) -> str:
    """What people call a model: `opus 4.5` for `claude-opus-4-5-20251101`; others as they are."""
    bare = model.replace("[1m]", "")
    if not bare.startswith("claude-"):
        return bare
    return _VERSION.sub(".", _DATE.sub("", bare).removeprefix("claude-")).replace("-", " ")
