"""The front door: hooks take the fast lane, everything else goes to `cli/`.

Here, and in the other front doors, errors become an exit status and one line.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

HOOK_ALIASES = {"start": "session-start", "stop": "session-end"}
"""`confab sync start` and `sync stop` are hooks when a payload is on stdin (contract §4.9)."""

PRIVATE = 0o077
"""The umask of everything of ours: what we create is the user's alone, and can be opened again."""

INTERRUPTED = 130
"""The exit status after Ctrl-C, as shells expect it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line (that of this process if None) and return its exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    usual = os.umask(PRIVATE)
    try:
        return _main(words)
    except KeyboardInterrupt:  # before the command, or while another one was being told
        return _complaint("interrupted", INTERRUPTED)
    finally:
        os.umask(usual)


def _main(words: list[str]) -> int:
    if words[:1] == ["hook"]:
        from confab_sync.hooks import lane

        lane.main(words[1:])
    alias = _hook_alias(words)
    if alias is not None:
        from confab_sync.hooks import lane

        content = lane.payload_on_stdin()
        if content is not None:
            lane.main([alias, *words[2:]], content)
    return _command(words)


def _hook_alias(words: list[str]) -> str | None:
    """The hook that these words mean, provided that standard input holds a payload."""
    if len(words) < 2 or words[0] != "sync" or words[1] not in HOOK_ALIASES:
        return None
    options = [word for word in words[2:] if not word.startswith("--provider")]
    if [word for word in options if word != "claude-code"] or sys.stdin is None:
        return None
    return None if sys.stdin.isatty() else HOOK_ALIASES[words[1]]


def _command(words: list[str]) -> int:
    from confab_sync.errors import ConfabError, described

    try:
        status = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`); there is nobody left to complain to.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)  # with `2>&1 | head` it is closed, too
        return 0
    except KeyboardInterrupt:
        return _complaint("interrupted", INTERRUPTED)
    except Exception as error:
        if _is_interrupt(error):
            return _complaint("interrupted", INTERRUPTED)
        if os.environ.get("CONFAB_DEBUG"):
            raise
        if isinstance(error, ConfabError):
            return _complaint(f"confab: {error}", error.exit_status)
        if isinstance(error, OSError):
            about = f"{error.filename}: " if error.filename else ""
            return _complaint(f"confab: {about}{error.strerror or error}", 1)
        what = described(error)
        return _complaint(f"confab: a fault of its own, CONFAB_DEBUG=1 shows where: {what}", 1)
    return status


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether somebody made another error of a Ctrl-C, as Python does while it makes a class."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__
    return False


def _run(words: list[str]) -> int:
    import click

    from confab_sync.cli.context import Context
    from confab_sync.cli.main import cli

    if "_CONFAB_COMPLETE" in os.environ:
        cli.main(words, prog_name="confab")
    try:
        # Not `cli.main`, which answers a broken pipe with an exit status of its own.
        with cli.make_context("confab", words, obj=Context.from_environ(os.environ)) as context:
            status = cli.invoke(context)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        _show(error)
        return error.exit_code
    return status if isinstance(status, int) else 0


def _show(error: click.ClickException) -> None:
    """What click says of a wrong command line, in one line; the help where nothing was said."""
    import io

    import click

    from confab_sync.cli.terminal import readable

    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        said = io.StringIO()
        error.show(file=said)
        sys.stderr.write(readable(said.getvalue()))
        return
    what = " ".join(error.format_message().split()).removesuffix(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context is not None else "confab"
    end = " See" if what.endswith("?") else "; see"
    what = what.replace(". (Did", " (did")
    _complaint(f"confab: {what[:1].lower()}{what[1:]}{end} `{path} --help`", error.exit_code)


def _complaint(line: str, status: int) -> int:
    from confab_sync.store.names import printable

    try:
        # What a server or a file name has put into it must not steer the terminal.
        told = printable(line)
        if sys.stderr.isatty():
            from confab_sync.cli.terminal import folded

            told = folded(told)
        print(told, file=sys.stderr)
    except OSError:  # nobody listens there either, nor is to be told again at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    return status


if __name__ == "__main__":
    sys.exit(main())
