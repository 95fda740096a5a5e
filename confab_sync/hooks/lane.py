"""The fast lane: one hook, from its payload to its answer.

Whatever goes wrong, the hook prints one JSON object and exits with status 0, silently
unless `CONFAB_DEBUG` is set: a hook must never fail its user.
"""

from __future__ import annotations

import os

from confab_sync.early_errors import ConfabError
from confab_sync.hooks.streams import read_payload, write_answer
from confab_sync.paths import PROVIDER
from confab_sync.process import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import NoReturn

    from confab_sync.claude.payload import Payload
    from confab_sync.hooks.surroundings import Surroundings

    Hook = Callable[[Payload, Surroundings], str | None]

DEADLINE = 4.0
"""Seconds after which a hook gives up whatever it waits for and answers."""

NOT_DISABLED = ("", "0")
"""Values of `CONFAB_DISABLED` that switch nothing off; every other one does."""

STDIN_DEADLINE = 2.0
"""Seconds that the caller has to hand over the payload."""


class TimeIsUp(BaseException):
    """The alarm went off.

    Not an `OSError`, which whoever waits may take for a trouble of their own and pass over.
    """


def main(arguments: list[str], content: bytes | None = None) -> NoReturn:
    """Run the hook that `arguments` name, answer, and end the process.

    `content` is the payload if somebody has read it already.
    """
    message = None
    try:
        try:
            _set_alarm(STDIN_DEADLINE)
            message = run(arguments, os.environ, lambda: _content(content))
        finally:
            signals.signal(signals.SIGALRM, signals.SIG_IGN)
    except BaseException as error:  # a hook never fails its user, not even on Ctrl-C
        if os.environ.get("CONFAB_DEBUG"):
            _explain(error)
    try:
        write_answer(message)
    finally:
        # Nothing is buffered, and tearing the interpreter down costs the user a millisecond.
        os._exit(0)


def run(
    arguments: list[str], environ: Mapping[str, str], content: Callable[[], bytes]
) -> str | None:
    """Do what the hook named by `arguments[0]` does; the message for the user, if any.

    `content` is asked for the payload once it is needed. Raises whatever goes wrong.
    """
    hook = _hook(arguments[0] if arguments else "")
    if hook is None or _provider(arguments) != PROVIDER:
        return None
    from confab_sync.claude import payload
    from confab_sync.hooks.surroundings import Surroundings

    handed_over = content()
    if environ.get("CONFAB_DISABLED", "") not in NOT_DISABLED:
        from confab_sync.hooks.switched_off import switched_off

        hook = switched_off
    around = Surroundings(environ, arguments=arguments)
    told = payload.parse(handed_over, around.projects_dirs)
    return hook(around.discreet(told), around)


def payload_on_stdin() -> bytes | None:
    """What standard input holds if that is a JSON object; None if it is anything else.

    For commands whose names are also hooks: what is read here is gone for others.
    """
    from confab_sync import quickjson

    try:
        _set_alarm(STDIN_DEADLINE)
        content = read_payload()
        is_object = isinstance(quickjson.loads(content.decode("utf-8", "surrogatepass")), dict)
    except (ConfabError, ValueError, OSError, TimeIsUp):
        return None
    finally:
        signals.setitimer(signals.ITIMER_REAL, 0)
    return content if is_object else None


def _content(already_read: bytes | None) -> bytes:
    """The payload; from here on the time for the hook itself counts."""
    content = read_payload() if already_read is None else already_read
    _set_alarm(DEADLINE)
    return content


def _hook(name: str) -> Hook | None:
    if name == "session-start":
        from confab_sync.hooks.session_start import session_start

        return session_start
    if name == "session-end":
        from confab_sync.hooks.session_end import session_end

        return session_end
    if name == "user-prompt-submit":
        from confab_sync.hooks.user_prompt_submit import user_prompt_submit

        return user_prompt_submit
    return None


def _provider(arguments: list[str]) -> str:
    for position, argument in enumerate(arguments):
        if argument == "--provider":
            return arguments[position + 1] if position + 1 < len(arguments) else ""
        if argument.startswith("--provider="):
            return argument.removeprefix("--provider=")
    return PROVIDER


def _set_alarm(seconds: float) -> None:
    signals.signal(signals.SIGALRM, _time_is_up)
    signals.setitimer(signals.ITIMER_REAL, seconds)


def _time_is_up(_number: int, _frame: object) -> NoReturn:
    raise TimeIsUp("the hook took too long")


def _explain(error: BaseException | None) -> None:
    import traceback

    from confab_sync.errors import described

    while error is not None:
        lines = ["Traceback (most recent call last):\n", *traceback.format_tb(error.__traceback__)]
        lines += [described(error), "\n"]
        os.write(2, "".join(lines).encode("utf-8", "replace"))
        error = error.__cause__
