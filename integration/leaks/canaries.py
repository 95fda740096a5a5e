"""Drawing secrets that nobody has used before: one for every kind and place."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.redaction.corpus import positives

_BARE = re.compile(r"[A-Za-z0-9._~=-]+")
"""What may be a directory's name, a branch and a part of a URL as it is."""

_DIGITS = re.compile(r"[0-9]+")
_WORD = re.compile(r"(?i)key|token|secret|pass|cred|[a-z]{6}")


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
        """One new secret of each kind; one way of writing for each name that tells a secret."""
        turn = self.rng.randrange(len(positives.WAYS))
        made = positives.shaped(self.rng)
        for number, name in enumerate(positives.NAMES):
            way = positives.WAYS[(number + turn) % len(positives.WAYS)]
            secret = self._drawn()
            made.append((f"{name} in {way}", secret, way.format(name=name, value=secret)))
        return [self._remember(kind, place, secret, text) for kind, secret, text in made]

    def bare(self, place: str, *, most: int = len(positives.SHAPED)) -> list[Canary]:
        """One new secret of each kind that is known by itself and may be a file's name.

        `most` is how many of them there is room for.
        """
        found: list[Canary] = []
        for kind in self.rng.sample(positives.SHAPED, len(positives.SHAPED)):
            if len(found) == most:
                break
            secret = kind.secret(self.rng)
            if kind.text == positives.Kind("", kind.secret).text and _BARE.fullmatch(secret):
                found.append(self._remember(kind.name, place, secret, secret))
        return found

    def password(self, place: str) -> Canary:
        """A password that nothing but its place gives away."""
        secret = self._drawn()
        return self._remember("password", place, secret, secret)

    def number(self, place: str) -> Canary:
        """A password that is a number."""
        secret = str(self.rng.randrange(10**15, 10**16))
        return self._remember("number", place, secret, secret)

    def known(self, kind: str, place: str, secret: str) -> Canary:
        """A secret that somebody else has drawn."""
        return self._remember(kind, place, secret, secret)

    def in_(self, *places: str) -> Iterator[Canary]:
        """Those that were planted in `places`."""
        return (canary for canary in self.drawn if canary.place in places)

    def _drawn(self) -> str:
        """A password that nobody takes for a word: how many of those are found is no matter here.

        What share of all passwords is found is measured in docs/redaction.md.
        """
        while True:
            secret = "".join(self.rng.choice(positives.ALNUM) for _ in range(18))
            if len(_DIGITS.findall(secret)) >= 3 and not _WORD.search(secret):
                return secret

    def _remember(self, kind: str, place: str, secret: str, text: str) -> Canary:
        canary = Canary(kind, place, secret, text)
        self.drawn.append(canary)
        return canary
