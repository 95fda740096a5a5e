"""`confab pause` and `confab resume`: nothing is copied for a while, and all of it afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from confab_sync.cli.terminal import say
from confab_sync.errors import UsageError

if TYPE_CHECKING:
    from confab_sync.cli.context import Context
    from confab_sync.config import Config


@click.command("pause", epilog="Example: confab pause --for 2h")
@click.option("--for", "length", metavar="TIME", help="End it by itself: 30m, 2h, 1d, 1w.")
@click.pass_obj
def pause(context: Context, length: str | None) -> int:
    """Copy nothing for a while.

    Background processes are stopped at once and none is started. What is written meanwhile
    is copied when the pause is over: by the session's next prompt, or by catching up. For
    what must never be copied there is `confab ignore`.
    """
    from confab_sync import consent
    from confab_sync.cli.halting import halt_refused, tell_halted
    from confab_sync.cli.wording import in_local_time
    from confab_sync.config import change_config

    now = context.clock().timestamp()
    until = None if length is None else _end(context, length)

    def begin(config: Config) -> dict[str, object]:
        running = consent.pause(config.raw, now) is not None
        since = config.raw["paused"].get("since") if running else None
        return {"paused": {"since": since or consent.moment(now), "until": until}}

    change_config(context.paths.config, begin)
    end = in_local_time(until) if until else "you run `confab resume`"
    click.echo(f"Paused until {end}: nothing is copied.")
    halted = halt_refused(context)
    tell_halted(halted)
    say(
        "What is written meanwhile is copied afterwards: by the next prompt of its session, or by "
        "catching up. For what must never be copied use `confab ignore PATH`."
    )
    return 0 if halted.is_complete else 1


@click.command("resume", epilog="Example: confab resume")
@click.pass_obj
def resume(context: Context) -> None:
    """End the pause: go on copying, with what was written meanwhile.

    Sessions whose Claude Code is known to be there go on at once, others with their next
    prompt.
    """
    from confab_sync import consent
    from confab_sync.cli.resuming import resume_sessions, see_to_it
    from confab_sync.cli.wording import counted
    from confab_sync.config import change_config, load_config

    before = load_config(context.paths.config)
    paused = consent.pause(before.raw, context.clock().timestamp()) is not None
    if before.raw.get("paused") is not None:
        change_config(context.paths.config, lambda _: {"paused": None})
    if paused:
        see_to_it(context)
    started = resume_sessions(context)
    click.echo("The pause is over." if paused else "There was no pause.")
    if started:
        click.echo(f"Copied again from now on: {counted(started, 'session')}.")
    if paused:
        who = "Other sessions" if started else "Sessions"
        say(
            f"{who} go on with their next prompt; those that have ended are caught up with "
            "as soon as a hook of any session runs."
        )


def _end(context: Context, length: str) -> str:
    from confab_sync import consent
    from confab_sync.cli.wording import span

    wait = span(length, "mhdw")
    if wait is None:
        raise UsageError(f"'{length}' is no time; write a number and m, h, d or w, such as 2h")
    try:
        return consent.moment((context.clock() + wait).timestamp())
    except OverflowError:
        raise UsageError(f"'{length}' ends after the last year; leave --for out") from None
