"""Every published kind of secret is found wherever it may stand, and nothing else is."""

from __future__ import annotations

import json
import random

import pytest

from confab_sync.redaction.literal import MARKER
from tests.redaction.corpus import clean, positives
from tests.redaction.corpus.carriers import CARRIERS
from tests.redaction.maskers import ENGINES, masker, thorough

SEED = 20260203


def planted() -> list[tuple[str, str, str]]:
    rng = random.Random(SEED)
    return positives.shaped(rng) + positives.named(rng)


def is_json(line: bytes) -> bool:
    try:
        json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_secret_is_masked_and_only_it(carrier: str) -> None:
    for kind, secret, text in planted():
        line = CARRIERS[carrier](text).encode()
        result = masker("re2").mask_lines(line)
        assert result.data != line, f"{kind}: missed"
        assert secret.encode() not in result.data, f"{kind}: still there"
        assert is_json(result.data) == is_json(line), f"{kind}: {result.data!r}"
        assert sum(result.counts.values()) >= 1
        around = text.split(secret)[0].split('"')[0].split("\\")[0]
        if carrier == "plain text":
            assert result.data.startswith(around.encode()), kind
        assert masker("re2").mask_lines(result.data).data is result.data, f"{kind}: twice differs"


@pytest.mark.parametrize("carrier", CARRIERS)
def test_both_engines_agree_on_secrets(carrier: str) -> None:
    for kind, _, text in planted():
        line = CARRIERS[carrier](text).encode()
        assert masker("re").mask_lines(line) == masker("re2").mask_lines(line), kind


@pytest.mark.parametrize("carrier", CARRIERS)
def test_no_line_with_a_secret_is_passed_over(carrier: str) -> None:
    """What is looked for in undecoded text must let through all that there is to find."""
    for kind, _, text in planted():
        line = CARRIERS[carrier](text).encode()
        assert masker("re2").mask_lines(line) == thorough("re2").mask_lines(line), kind


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_is_found_in_clean_text(engine: str) -> None:
    for kind, line in clean.lines(random.Random(SEED)):
        result = masker(engine).mask_lines(line)
        assert result.data is line, f"{kind}: {MARKER.findall(result.data)} in {line[:200]!r}"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("end", [True, False], ids=["with its end", "without its end"])
@pytest.mark.parametrize("label", positives.PEM_LABELS)
def test_private_keys_are_masked_wherever_their_lines_are(
    engine: str, label: str, end: bool
) -> None:
    key = positives.pem(random.Random(SEED), label, end=end)
    body = [line for line in key.splitlines() if not line.startswith("-")]
    numbered = "\n".join(f"{n:6}→{line}" for n, line in enumerate(key.splitlines(), 1))
    patch = ["+" + line for line in key.splitlines()]
    for value in (key, key.replace("\n", "\\n"), key.replace("\n", "\r\n"), numbered, patch):
        for wrapped in (value, json.dumps({"file": value})):
            line = json.dumps({"content": wrapped, "after": "kept"}).encode()
            result = masker(engine).mask_lines(line).data
            assert json.loads(result)["after"] == "kept"
            assert not [part for part in body if part.encode() in result]


def test_what_surrounds_a_private_key_stays() -> None:
    key = positives.pem(random.Random(SEED), positives.PEM_LABELS[0])
    line = json.dumps({"text": f"before\n{key}\nafter the key"}).encode()
    result = json.loads(masker("re2").mask_lines(line).data)
    assert result == {"text": "before\n[REDACTED:PRIVATE_KEY]\nafter the key"}
