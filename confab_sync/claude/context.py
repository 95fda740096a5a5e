"""How many tokens fit before a model."""

from __future__ import annotations

USUAL = 200_000
LARGE = 1_000_000


def context_size(model: str, used: int) -> int:
    """The size of the model's context in tokens, as far as its name and its use tell.

    Claude Code writes `[1m]` behind the names of models with the larger one; a transcript may
    name the model without it, and then more tokens than usually fit tell the same.
    """
    return LARGE if "[1m]" in model or used > USUAL else USUAL
