"""Which patterns `re` reads as RE2 does and cannot become slow over."""

from __future__ import annotations

import re

_NEEDS_RE2 = re.compile(
    r"""(?x)
      (?<!\\) (?: [*+] | \{ [0-9]* , [0-9]* \} ) | \) [?{] | \(\?[^:i)] | \(\?i(?!:|\))
      | (?<!\A) \(\?i\)
      | \\ [^dDsSwWbB.\-/\\()\[\]{}|?*+^$nrt"'@#%&=:;,<>~!_ ] | \[\[: | \[[^\]]*\[
    """
)
"""Syntax that `re` reads differently, or that could make it slow."""


def needs_re2(pattern: str) -> bool:
    """Whether `re` would read the pattern differently, or could become slow over it."""
    return _NEEDS_RE2.search(pattern) is not None
