"""Questions to the person at the terminal that are answered with yes or no."""

from __future__ import annotations

import click

_YES = ("y", "yes")
_NO = ("n", "no")


def agreed(question: str, *, default: bool, err: bool = False) -> bool:
    """Whether the answer is yes; `default` where it is an empty line.

    Raises `click.Abort` after Ctrl-C and at the end of the input, which are no answers.
    """
    choice = "[Y/n]" if default else "[y/N]"
    while True:
        answer = click.prompt(f"{question} {choice}", default="", show_default=False, err=err)
        answer = answer.strip().lower()
        if answer in (*_YES, *_NO, ""):
            return default if not answer else answer in _YES
        click.echo("Please answer y or n.", err=err)


def refuse_unless_agreed(question: str, *, err: bool = False) -> None:
    """Ask before something is deleted. Raises `click.exceptions.Exit` after a no."""
    if not agreed(question, default=False, err=err):
        click.echo("Nothing was deleted.", err=True)
        raise click.exceptions.Exit(1)
