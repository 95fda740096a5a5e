"""Which process is the Claude Code that a hook speaks for.

Source: behaviour sheet §4: the hook's own parent is a short-lived shell, and `CLAUDE_PID`
was right in every observed call. Imported by hooks.
"""

from __future__ import annotations

import os

from confab_sync.process import ancestors, identify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.process import Identity, Processes

SCRIPT_HOSTS = ("node", "bun")


def claude_process(
    processes: Processes, environ: Mapping[str, str], pid: int | None = None
) -> Identity | None:
    """The Claude Code process above `pid` (this process if None); None if there is none.

    `CLAUDE_PID` if that is a living process, else the nearest ancestor whose executable
    is Claude Code.
    """
    named = environ.get("CLAUDE_PID", "")
    if named.isascii() and named.isdigit() and len(named) < 10:
        found = identify(processes, int(named))
        if found is not None:
            return found
    for ancestor in ancestors(processes, os.getpid() if pid is None else pid):
        if is_claude(processes, ancestor):
            return identify(processes, ancestor)
    return None


def is_claude(processes: Processes, pid: int) -> bool:
    """Whether the program that `pid` runs is Claude Code.

    Decided by the executable, and by the script for an interpreter of JavaScript; never by
    a command line that merely contains the word, as any shell's may.
    """
    executable = processes.executable(pid).removesuffix(" (deleted)")
    base = os.path.basename(executable)
    if base == "claude" or "/claude/versions/" in executable:
        return True
    if base.startswith(SCRIPT_HOSTS):
        words = [word for word in processes.arguments(pid)[1:] if not word.startswith("-")]
        script = words[0] if words else ""
        return "/@anthropic-ai/claude-code/" in script or os.path.basename(script) == "claude"
    return False
