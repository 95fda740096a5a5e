"""Many sessions for a server's store, made quickly, in which words are as frequent as in speech.

Lines are drawn from a supply that is made once: what a chunk packs to is what lines pack to that
have little in common, and the search index gets a vocabulary of tens of thousands of words.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bench.transcripts import realistic
from integration.pages.archive import Archive, row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VOCABULARY = 50_000
SUPPLY = 32_000_000
"""Bytes of lines that sessions are made of: half with code, tools and pictures, half prose."""

SYLLABLES = ("ba", "con", "de", "fer", "gi", "ka", "lo", "men", "nu", "pro", "ra", "sti", "ter")
NAMES = ("京都", "大阪", "札幌", "名古屋")
PLACE = 997
"""One prose line in so many has a place's name, whose pairs of characters are then looked for."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many sessions, and of how many megabytes together, one of them long."""

    sessions: int
    megabytes: int
    long: int

    @property
    def told(self) -> str:
        """For the table."""
        return f"{self.sessions} sessions, {self.megabytes} MB"


@dataclass(frozen=True, slots=True)
class Filled:
    """The sessions' ids, that of the long one, and how many lines that has."""

    ids: tuple[str, ...]
    long: str
    lines: int


def fill(path: Path, size: Size) -> Filled:
    """Put the sessions into the store at `path`, as a server takes them."""
    archive, made = Archive(path), random.Random(6)
    begin = datetime.now(UTC) - timedelta(minutes=40 * size.sessions)
    lines = supply(min(SUPPLY, size.megabytes * 1_000_000))
    each = (size.megabytes - size.long) * 1_000_000 // size.sessions
    ids = []
    for number in range(size.sessions):
        archive.now = begin + timedelta(minutes=40 * number)
        session_id, _ = archive.put(
            row("user", f"Task {number}: {rare(number)}"),
            *_drawn(made, lines, each),
            title=f"Task {number}",
            cwd=f"/home/user/work/p{number % 40}",
            hostname=f"host-{number % 5}",
            git_info={"branch": f"b{number % 20}"},
        )
        ids.append(session_id)
    long = list(_drawn(made, lines, size.long * 1_000_000))
    long_id, _ = archive.put(*long, title="Long")
    archive.close()
    return Filled(tuple(ids), long_id, len(long))


def rare(number: int) -> str:
    """A word that only the session with this number has."""
    return f"ticket{number}"


def word(place: int) -> str:
    """The word at this place of the vocabulary, the most frequent one first."""
    said = ""
    while place >= 0:
        said += SYLLABLES[place % len(SYLLABLES)]
        place = place // len(SYLLABLES) - 1
    return said


def supply(size: int) -> list[bytes]:
    """Lines of about `size` bytes, in which the n-th word is said 1/n as often as the first."""
    made = random.Random(8)
    lines = realistic(size // 2, 9).splitlines(keepends=True)
    words = [word(place) for place in range(VOCABULARY)]
    weights = list(itertools.accumulate(1 / place for place in range(1, VOCABULARY + 1)))
    left = size // 2
    while left > 0:
        said = made.choices(words, cum_weights=weights, k=made.randint(20, 400))
        if made.randrange(PLACE) == 0:
            said.append(made.choice(NAMES))
        lines.append(row(made.choice(("user", "assistant")), " ".join(said)))
        left -= len(lines[-1])
    return lines


def _drawn(made: random.Random, lines: list[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        line = made.choice(lines)
        size -= len(line)
        yield line
