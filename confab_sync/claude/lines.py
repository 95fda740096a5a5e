"""Putting the pieces in which a file is read together again as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def lines_of(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in `pieces`, without their newlines, as soon as each is whole.

    What stands behind the last newline is a line if it is anything at all.
    """
    rest: list[bytes] = []
    for piece in pieces:
        first, *others = piece.split(b"\n")
        rest.append(first)
        for line in others:
            yield b"".join(rest)
            rest = [line]
    if any(rest):
        yield b"".join(rest)
