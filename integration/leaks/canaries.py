"""Drawing secrets that nobody has used before: one for every kind and place."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.redaction.corpus import positives

_BARE = re.compile(r"[A-Za-z0-9._~=-]+")
"""What may be a directory's name, a branch and a part of a URL as it is."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One secret, the text it stands in, and where that was planted."""

    kind: str
    place: str
    secret: str
    text: str

    def __str__(self) -> str:
        """Whose it is, without saying it."""
        return f"{self.kind} planted in {self.place}"


@dataclass(slots=True)
class Aviary:
    """Draws canaries from a seed and remembers them all."""

    rng: random.Random
    drawn: list[Canary] = field(default_factory=list)

    def every_kind(self, place: str) -> list[Canary]:
        """One new secret of each kind, named ones in one way of writing for each name."""
        named = positives.named(self.rng)
        ways = len(positives.WAYS)
        turn = self.rng.randrange(ways)
        chosen = [
            named[number]
            for number in range(len(named))
            if number % ways == (number // ways + turn) % ways
        ]
        return [
            self._remember(kind, place, secret, text)
            for kind, secret, text in [*positives.shaped(self.rng), *chosen]
        ]

    def bare(self, place: str) -> list[Canary]:
        """One new secret of each kind that is known by itself and may be a file's name."""
        found = []
        for kind in positives.SHAPED:
            secret = kind.secret(self.rng)
            if kind.text == positives.Kind("", kind.secret).text and _BARE.fullmatch(secret):
                found.append(self._remember(kind.name, place, secret, secret))
        return found

    def password(self, place: str) -> Canary:
        """A password that nothing but its place gives away."""
        letters = positives.ALNUM
        secret = "".join(self.rng.choice(letters) for _ in range(17)) + "7x"
        return self._remember("password", place, secret, secret)

    def number(self, place: str) -> Canary:
        """A password that is a number."""
        secret = str(self.rng.randrange(10**15, 10**16))
        return self._remember("number", place, secret, secret)

    def key(self, place: str) -> Canary:
        """A new API key of a confab server, from which nothing is known but its shape."""
        return self._remember("confab", place, secret := self._cfb(), secret)

    def known(self, kind: str, place: str, secret: str) -> Canary:
        """A secret that somebody else has drawn."""
        return self._remember(kind, place, secret, secret)

    def in_(self, *places: str) -> Iterator[Canary]:
        """Those that were planted in `places`."""
        return (canary for canary in self.drawn if canary.place in places)

    def _cfb(self) -> str:
        return "cfb_" + "".join(self.rng.choice(positives.WORD) for _ in range(40))

    def _remember(self, kind: str, place: str, secret: str, text: str) -> Canary:
        canary = Canary(kind, place, secret, text)
        self.drawn.append(canary)
        return canary
