"""The hook commands that confab puts into settings.json, and how they are known again.

Source: contract §4.9 and behaviour sheet §3 and §4.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, replace
from enum import Enum

from confab_sync.claude import end_wait
from confab_sync.errors import SettingsError
from confab_sync.paths import PROVIDER


@dataclass(frozen=True, slots=True)
class Hook:
    """One event of Claude Code that confab listens to; `timeout` is in seconds.

    With `tells_timeout` the hook is told of it, because it waits.
    """

    event: str
    name: str
    timeout: int
    tells_timeout: bool = False


HOOKS = (
    Hook("SessionStart", "session-start", 10),
    Hook("SessionEnd", "session-end", 5),
    Hook("UserPromptSubmit", "user-prompt-submit", 10),
)
"""SessionEnd needs its timeout: without one, Claude Code kills the hook after 1.5 s."""


def hooks_for(wait: float) -> tuple[Hook, ...]:
    """The hooks of a user who wants session-end to wait for `wait` seconds."""
    if not wait:
        return HOOKS
    return tuple(
        replace(hook, timeout=end_wait.timeout_for(wait), tells_timeout=True)
        if hook.event == "SessionEnd"
        else hook
        for hook in HOOKS
    )


class Owner(Enum):
    """Whose command a hook runs."""

    OURS = "ours"
    OTHER_CONFAB = "another program called confab"
    FOREIGN = "something else"


def handler(launcher: str, hook: Hook) -> dict[str, object]:
    """The handler that runs `hook` through the launcher, as it stands in settings.json.

    Raises `SettingsError` when the launcher's path cannot be written in UTF-8.
    """
    try:
        launcher.encode("utf-8")
    except UnicodeEncodeError as error:
        shown = ascii(launcher)
        raise SettingsError(f"{shown} cannot be written in JSON; set CONFAB_HOME") from error
    command = f"{shlex.quote(launcher)} hook {hook.name} --provider {PROVIDER}"
    if hook.tells_timeout:
        command += f" {end_wait.TIMEOUT_OPTION}{hook.timeout}"
    return {"type": "command", "command": command, "timeout": hook.timeout}


def entry(launcher: str, hook: Hook) -> dict[str, object]:
    """The entry below an event; without a matcher, since any list of sources misses some."""
    return {"hooks": [handler(launcher, hook)]}


def owner_of(command: str, launcher: str) -> Owner:
    """Whose hook a command line is.

    Ours: the first shell word is our launcher and the next is `hook`. Another confab's:
    the first word has the base name `confab` and the next is `hook`, or `sync start` or
    `sync stop` as older versions spelled it. A command that does more than run one
    program belongs to whoever wrote it.
    """
    words = program_and_arguments(command)
    if len(words) < 3:
        return Owner.FOREIGN
    if words[0] == launcher and words[1] == "hook":
        return Owner.OURS
    if os.path.basename(words[0]) != "confab" or words[0] == launcher:
        return Owner.FOREIGN
    if words[1] == "hook" or words[1:3] in (["sync", "start"], ["sync", "stop"]):
        return Owner.OTHER_CONFAB
    return Owner.FOREIGN


def program_and_arguments(command: str) -> list[str]:
    """The shell words of a command that runs one program; empty for anything richer."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="();<>|&`\n")
    lexer.whitespace = " \t"
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:  # a quote that is not closed
        return []
    if any(word and set(word) <= set("();<>|&`\n") for word in words):
        return []
    return words
