"""How long the SessionEnd hook may wait for the final sync: what the user asks, what Claude allows.

Source: behaviour sheet §4: the `timeout` of the hook's entry counts, at most 60 s. Setup
writes one that is long enough and names it in the command, because a hook cannot see it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WAIT_AT_END = "CONFAB_WAIT_AT_END"

CLAUDES_LIMIT = "CLAUDE_CODE_SESSIONEND_HOOKS_TIMEOUT_MS"
"""Claude Code's own variable for the limit, in milliseconds."""

TIMEOUT_OPTION = "--timeout="
"""How the command names its entry's timeout in seconds."""

USUAL_TIMEOUT = 5
"""Seconds: the timeout of an entry whose command names none."""

LONGEST_TIMEOUT = 60
"""Seconds: longer timeouts count as this."""

MARGIN = 1.0
"""Seconds before the limit at which the hook answers at the latest."""

UNITS = (("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("", 1.0))


def seconds(text: str) -> float | None:
    """The duration that `20s`, `1500ms`, `2m`, `1h` or a plain number of seconds means."""
    for unit, scale in UNITS:
        if text.endswith(unit):
            number = text.removesuffix(unit).strip()
            whole = number.replace(".", "", 1)
            return float(number) * scale if whole.isascii() and whole.isdigit() else None
    return None


def wanted(environ: Mapping[str, str]) -> float:
    """Seconds that the user wants session-end to wait; 0 when that is not, or not well, said."""
    return seconds(environ.get(WAIT_AT_END, "").strip()) or 0.0


def timeout_for(wait: float) -> int:
    """The timeout in whole seconds that an entry needs for a wait of `wait` seconds."""
    return max(USUAL_TIMEOUT, min(LONGEST_TIMEOUT, int(wait + MARGIN + 1.0)))


def allowed(environ: Mapping[str, str], arguments: Iterable[str]) -> float:
    """Seconds that the hook with these arguments may wait: as wanted, within Claude's limit."""
    limit = float(USUAL_TIMEOUT)
    for argument in arguments:
        if argument.startswith(TIMEOUT_OPTION):
            limit = seconds(argument.removeprefix(TIMEOUT_OPTION)) or limit
    claudes = seconds(environ.get(CLAUDES_LIMIT, "") + "ms")
    limit = min(limit, LONGEST_TIMEOUT, limit if claudes is None else claudes)
    return max(0.0, min(wanted(environ), limit - MARGIN))
