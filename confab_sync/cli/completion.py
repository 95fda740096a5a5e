"""`confab completion`: what a shell needs to complete commands, options and session ids."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

PROGRAM = "confab"
VARIABLE = "_CONFAB_COMPLETE"

ZSH_READY = """\
    if (( ! $+functions[compdef] )); then  # a .zshrc that has not asked for completion yet
        autoload -Uz compinit && compinit
    fi
"""


@click.command(
    short_help="Print what a shell needs to complete commands and ids.",
    epilog="Example: confab completion fish > ~/.config/fish/completions/confab.fish",
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print the completion for a shell: commands, options, and the ids of sessions.

    For bash put `eval "$(confab completion bash)"` into ~/.bashrc, for zsh the same with its
    name into ~/.zshrc; for fish see the example.
    """
    found = get_completion_class(shell)
    assert found is not None  # noqa: S101 - the choice is of those that there are
    # Not `cli.main`'s way, which asks the bash that it finds for its version.
    complete = found(click.Group(PROGRAM), {}, PROGRAM, VARIABLE)
    script = _for_old_bash(complete.source_template % complete.source_vars())
    click.echo(script.replace("    compdef ", ZSH_READY + "    compdef "))


def _for_old_bash(script: str) -> str:
    """The script with a way for the bash of macOS, 3.2, which cannot leave the order alone."""
    unsorted = "complete -o nosort -F "
    for line in script.splitlines():
        if line.lstrip().startswith(unsorted):
            plain = line.lstrip().replace("-o nosort ", "")
            script = script.replace(line, f"{line} 2>/dev/null || {plain}")
    return script
