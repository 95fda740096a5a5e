"""`confab redact`: what masking would do to a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import BinaryIO

    from confab_sync.cli.context import Context

_MARKER = re.compile(r"\[REDACTED:([A-Z][A-Z0-9_]*)\]")
_AROUND = 32
"""Characters before and after a marker that an excerpt shows."""


@click.command(
    short_help="Print a file as it would be kept: with its secrets masked.",
    epilog="Example: confab redact ~/.claude/projects/-home-me/1.jsonl --report",
)
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--report", is_flag=True, help="List what is masked instead of printing the file.")
@click.pass_obj
def command(context: Context, file: BinaryIO, report: bool) -> None:
    """Print FILE (or stdin) as it would be kept: with its secrets masked.

    The patterns in config.json are used too. Nothing is changed and nothing is sent.
    """
    from confab_sync.config import load_config
    from confab_sync.redaction.configured import masker_from

    stated = load_config(context.paths.config).raw.get("redaction") or {}
    if stated.get("enabled") is False:
        click.echo("Masking is switched off in config.json; this is what it would do.", err=True)
    masker = masker_from({**stated, "enabled": True})
    assert masker is not None  # noqa: S101
    before = file.read()
    masked = masker.mask_bytes(before)
    if not report:
        click.echo(masked.data, nl=False)
        return
    for line in excerpts(before, masked.data):
        click.echo(line)
    click.echo(summary(masked.counts))


def excerpts(before: bytes, after: bytes) -> Iterator[str]:
    """For each marker that masking put in, its line (from 1), its type and what is around it."""
    pairs = zip(before.split(b"\n"), after.split(b"\n"), strict=True)
    for number, (old, new) in enumerate(pairs, start=1):
        if old == new:
            continue
        text = new.decode("utf-8", "replace")
        for found in _MARKER.finditer(text):
            start, end = max(0, found.start() - _AROUND), found.end() + _AROUND
            yield f"line {number}  {found[1]}  {printable(text[start:end])}"


def printable(text: str) -> str:
    """The text with whatever a terminal might obey replaced."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def summary(counts: Mapping[str, int]) -> str:
    """How much was found of each type, in one sentence."""
    if not counts:
        return "Nothing would be masked."
    listed = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return f"Would be masked: {listed}."
