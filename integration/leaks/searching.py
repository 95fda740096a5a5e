"""Looking for secrets in bytes, in whatever form they may stand there.

It shares nothing with the masker: every piece of `PIECE` bytes of a secret is looked for, as it
is and in base64, in the bytes themselves and in the bytes with their escapes taken off. What all
secrets of a kind have in common is their shape and tells nothing.
"""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from urllib.parse import unquote_to_bytes

from integration.leaks.canaries import Canary

PIECE = 9
"""Bytes in a row that are no coincidence; a leak of `PIECE + STEP - 1` is always seen."""

DRAWN = 6
"""Of these as many at least must have been drawn, not be a part of the kind's shape."""

COMPARED = 8
"""Secrets of a kind that are enough to know its shape."""

STEP = 3
"""Every so many bytes a piece of what is searched is looked up."""

_UNICODE = re.compile(rb"\\+u00([2-7][0-9a-fA-F])")
_ESCAPED = re.compile(rb"\\+([^u\\])")
_BASE64 = re.compile(rb"[A-Za-z0-9_-]+")
_DIGITS = re.compile(rb"[0-9.:-]+")


class Searcher:
    """Knows every piece of every canary."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._pieces: dict[bytes, Canary | None] = {}
        self._numbers: list[tuple[bytes, Canary]] = []
        kinds: dict[str, list[Canary]] = defaultdict(list)
        for canary in canaries:
            kinds[canary.kind].append(canary)
        for kind in kinds.values():
            self._learn(kind)

    def _learn(self, kind: Sequence[Canary]) -> None:
        """Remember the pieces of these canaries in which there is enough that was drawn."""
        forms = [_forms(_drawn(canary).encode()) for canary in kind]
        shapes = [_shape(same) for same in zip(*forms, strict=True)]
        for canary, own in zip(kind, forms, strict=True):
            if canary.secret.isdigit():
                self._numbers += [(form, canary) for form in own]
                continue
            for form, shape in zip(own, shapes, strict=True):
                for start in range(len(form) - PIECE + 1):
                    piece = form[start : start + PIECE]
                    fixed = sum(shape[start : start + PIECE])
                    if PIECE - fixed >= DRAWN and not _is_number(piece):
                        owner = self._pieces.setdefault(piece, canary)
                        if owner is None or owner.secret != canary.secret:
                            self._pieces[piece] = None  # what two have in common names neither

    def found(self, data: bytes) -> set[Canary]:
        """The canaries of which there is a piece in `data`, in whatever form."""
        seen = set()
        for reading in readings(data):
            seen |= self._found(reading)
        return seen

    def _found(self, data: bytes) -> set[Canary]:
        seen = {canary for number, canary in self._numbers if number in data}
        known = self._pieces
        for start in range(0, len(data) - PIECE + 1, STEP):
            canary = known.get(data[start : start + PIECE])
            if canary is not None:
                seen.add(canary)
        return seen


def readings(data: bytes) -> list[bytes]:
    """The bytes as they are, and with the escapes of JSON and of URLs taken off, where any are."""
    found = [data]
    if b"\\" in data:
        plain = _UNICODE.sub(lambda escape: bytes((int(escape[1], 16),)), data)
        found.append(_ESCAPED.sub(rb"\1", plain))
    if b"%" in data:
        found += [unquote_to_bytes(each) for each in list(found)]
    return found


def _is_number(piece: bytes) -> bool:
    """Whether there are but digits in a piece, or in one of its readings as base64.

    Many numbers stand in what is searched, in base64 as well: in the claims of a token.
    """
    if _DIGITS.fullmatch(piece):
        return True
    for skip in range(4):
        part = piece[skip : skip + (len(piece) - skip) // 4 * 4]
        if _BASE64.fullmatch(part) and _DIGITS.fullmatch(base64.urlsafe_b64decode(part)):
            return True
    return False


def _shape(forms: Sequence[bytes]) -> list[bool]:
    """Of each place whether all forms, if there are several, have the same there."""
    return [
        len(forms) > 1 and len({form[at : at + 1] for form in forms[:COMPARED]}) == 1
        for at in range(max(map(len, forms)))
    ]


def _drawn(canary: Canary) -> str:
    """The part of the secret that was drawn; of a token only the signature, the rest is JSON."""
    return canary.secret.rpartition(".")[2] if canary.kind == "jwt" else canary.secret


def _forms(secret: bytes) -> list[bytes]:
    return [secret, *_base64(secret)]


def _base64(secret: bytes) -> list[bytes]:
    """What of the secret's base64 does not depend on its neighbours, at each alignment."""
    found = []
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + secret).rstrip(b"=")
        inner = encoded[(before * 8 + 5) // 6 : len(encoded) - 1]
        found += [inner, inner.translate(bytes.maketrans(b"+/", b"-_"))]
    return found
