"""The outcome of looking at one thing: a verdict, what was found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Verdict = Literal["ok", "warn", "fail"]

OK: Verdict = "ok"
WARN: Verdict = "warn"
"""Sessions are archived all the same."""
FAIL: Verdict = "fail"
"""Sessions are not archived, or will be lost, unless something is done."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    `remedy` is a command to type, or else a sentence; `fix` does what is safe to do without
    asking, and returns what it did in words. It raises `ConfabError` or `OSError`.
    """

    name: str
    verdict: Verdict
    found: str
    remedy: str = ""
    fix: Callable[[], str] | None = field(default=None, repr=False, compare=False)
