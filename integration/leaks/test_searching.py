"""The searcher finds what it is there to find: a suite that searches nothing proves nothing."""

from __future__ import annotations

import base64
import json
import random
from urllib.parse import quote

import pytest

from integration.leaks.canaries import Aviary, Canary
from integration.leaks.searching import Searcher


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


FORMS = {
    "plain": lambda secret: f"see {secret} here",
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64, one byte later": lambda secret: base64.b64encode(f"x{secret}".encode()).decode(),
    "base64, two bytes later": lambda secret: base64.b64encode(f"xy{secret}z".encode()).decode(),
    "base64 for URLs": lambda secret: base64.urlsafe_b64encode(f"x{secret}".encode()).decode(),
    "URL-encoded": lambda secret: quote(secret, safe=""),
    "every byte URL-encoded": lambda secret: "".join(f"%{ord(c):02X}" for c in secret),
    "JSON": lambda secret: json.dumps({"a": secret}),
    "JSON with escaped slashes": lambda secret: json.dumps(secret).replace("/", "\\/"),
    "JSON, all escaped": lambda secret: f'"{escaped(secret)}"',
    "JSON in JSON": lambda secret: json.dumps(json.dumps({"a": secret})),
    "JSON in JSON, all escaped": lambda secret: json.dumps(f'"{escaped(secret)}"'),
    "JSON in JSON in JSON": lambda secret: json.dumps(json.dumps(json.dumps({"a": secret}))),
    "its first half": lambda secret: f"x{secret[: max(15, len(secret) // 2)]}y",
    "its second half": lambda secret: f"x{secret[-max(15, len(secret) // 2) :]}y",
}


@pytest.fixture(scope="module")
def aviary() -> Aviary:
    aviary = Aviary(random.Random(5))
    aviary.every_kind("a line")
    aviary.every_kind("another")
    aviary.bare("a branch")
    aviary.number("a number")
    aviary.password("a URL")
    return aviary


@pytest.mark.parametrize("form", FORMS)
def test_every_canary_is_found_in_every_form(aviary: Aviary, form: str) -> None:
    searcher = Searcher(aviary.drawn)
    halves = "half" in form
    missed = [
        str(canary)
        for canary in aviary.drawn
        if not (halves and (canary.kind == "number" or len(canary.secret) < 15))
        and canary not in searcher.found(FORMS[form](canary.secret).encode())
        and not (halves and _is_all_shape(canary, form))
    ]
    assert missed == []


def _is_all_shape(canary: Canary, form: str) -> bool:
    """Whether that half is nearly the same in all secrets of the kind, or digits only."""
    half = FORMS[form](canary.secret)
    shape = form == "its first half" and canary.kind in {"jwt", "key in base64"}
    return shape or sum(each.isalpha() for each in half) < 14


def test_all_are_found_among_each_other(aviary: Aviary) -> None:
    everything = json.dumps([canary.text for canary in aviary.drawn]).encode()
    assert Searcher(aviary.drawn).found(everything) == set(aviary.drawn)


def test_nothing_is_found_where_nothing_is(aviary: Aviary) -> None:
    others = Aviary(random.Random(6))
    others.every_kind("elsewhere")
    text = json.dumps([canary.text for canary in others.drawn]).encode()
    assert (
        Searcher(aviary.drawn).found(text + b"2026-11-20T13:14:15.123456Z 1763644455123") == set()
    )


def test_what_two_secrets_happen_to_have_in_common_names_neither() -> None:
    common = "4f1d09ab7"
    one = Canary("one", "here", f"Q{common}zwK8v2mPbY", "")
    two = Canary("two", "there", f"R{common}hT5nXc3LdW", "")
    searcher = Searcher([one, two])
    assert searcher.found(f"x{common}".encode()) == set()
    for canary in (one, two):
        assert searcher.found(canary.secret.encode()) == {canary}


def test_number_in_base64_is_no_secret() -> None:
    canary = Canary("key", "here", "PMAK-63535588066be4e95c63aa04", "")
    searcher = Searcher([canary])
    claims = base64.b64encode(b'{"sub": "10553558806633", "name": "x"}')
    assert searcher.found(claims) == set()
    assert searcher.found(base64.b64encode(canary.secret.encode())) == {canary}
