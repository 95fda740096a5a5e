"""What a rule of the masker is."""

from __future__ import annotations

import re
from dataclasses import dataclass

_POSSESSIVE = re.compile(r"(?<=[*+?}])\+")
_SAFETY_BOUND = re.compile(r"\{([0-9]+),(?:[1-9][0-9]{2,})\}\+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret that is known by its shape.

    `pattern` starts at a literal (after `\\b` at most), is written for bytes and says with
    possessive quantifiers that nothing is ever given back; RE2 reads it without them. What
    may fail after a run of unknown length bounds that run, so that no attempt is long.
    """

    type: str
    """Stands in the marker `[REDACTED:TYPE]`."""
    source: str
    """Where the shape is documented: a rule of gitleaks, a vendor, a contract section."""
    pattern: str
    keywords: tuple[str, ...]
    """Lower-case texts; every match of `pattern` begins with one of them, in any case."""
    trigger: str = ""
    """What to look for in undecoded text; by default the pattern itself."""
    group: int = 0
    """The part of the match that is the secret; 0 is all of it."""
    tail: int = 0
    """How many bytes at the end of that part are not secret."""
    lead: str = ""
    """What must end right before the match and belongs to the secret: a bounded pattern."""
    lead_reach: int = 0
    """The most bytes that `lead` can be."""
    check: str = ""
    """The name of a further test of the secret, in `checks.CHECKS`."""

    @property
    def linear_pattern(self) -> str:
        """The pattern for RE2, which has no possessive quantifiers and needs none."""
        return without_possessives(self.pattern)

    @property
    def raw_trigger(self) -> str:
        """The trigger for RE2; escapes may stand before it, so it has no word boundaries."""
        return without_possessives((self.trigger or self.pattern).replace("\\b", ""))


def without_possessives(pattern: str) -> str:
    """The same pattern for RE2: greedy quantifiers, and none with a bound of 100 and more.

    Such bounds only keep a failing attempt of `re` short; RE2 would copy the pattern as often.
    """
    return _POSSESSIVE.sub("", _SAFETY_BOUND.sub(r"{\1,}", pattern))
