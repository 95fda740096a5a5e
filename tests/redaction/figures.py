"""`python -m tests.redaction.figures`: write docs/redaction-figures.md from the two corpora."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.redaction.corpus import clean, positives
from tests.redaction.corpus.carriers import CARRIERS
from tests.redaction.maskers import masker

DOCUMENT = Path(__file__).parents[2] / "docs/redaction-figures.md"
SEEDS = (20260203, 1, 2)

_HEAD = f"""# How well masking finds

Written by `python -m tests.redaction.figures`, checked by a test.

* Secrets are drawn by `tests/redaction/corpus/positives.py` from the published shapes of their vendors, without the masker's own table. Each stands in {len(CARRIERS)} carriers (`carriers.py`): strings, keys, nested JSON, escapes, torn lines.
* Clean text is that of `clean.py` and `client.py`.
* {len(SEEDS)} seeds, google-re2; `re` gives the same bytes, which another test holds.
"""  # noqa: E501


def text() -> str:
    """The document as it has to be."""
    found, missed, lines, false = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for seed in SEEDS:
        rng = random.Random(seed)
        shaped = [(kind, secret, text) for kind, secret, text in positives.shaped(rng)]
        named = [
            (kind.partition(" in ")[2].strip(), secret, text)
            for kind, secret, text in positives.named(rng)
        ]
        for kind, secret, within in (*shaped, *named):
            for carry in CARRIERS.values():
                masked = masker("re2").mask_lines(carry(within).encode()).data
                (missed if secret.encode() in masked else found)[kind] += 1
        for kind, line in clean.lines(random.Random(seed)):
            lines[kind] += 1
            false[kind] += masker("re2").mask_lines(line).data is not line
    kinds = list(dict.fromkeys((*found, *missed)))
    shapes = [kind for kind in kinds if "{" not in kind]
    ways = [kind for kind in kinds if "{" in kind]
    return "\n".join(
        (
            _HEAD,
            *_table("known by their shape", ("found", "missed"), shapes, (found, missed)),
            *_table("known by their name", ("found", "missed"), ways, (found, missed)),
            *_table("clean text", ("lines", "falsely masked"), list(lines), (lines, false)),
        )
    )


def _table(
    title: str, heads: tuple[str, str], kinds: Iterable[str], counts: tuple[Counter[str], ...]
) -> Iterable[str]:
    kinds = list(kinds)
    yield f"| {title} | {' | '.join(heads)} |"
    yield "|---|---|---|"
    for kind in kinds:
        yield f"| {_code(kind)} | {' | '.join(str(count[kind]) for count in counts)} |"
    totals = (str(sum(count[kind] for kind in kinds)) for count in counts)
    yield f"| **all** | {' | '.join(totals)} |"
    yield ""


def _code(kind: str) -> str:
    shown = kind.replace("\n", "\\n").replace("\r", "\\r").replace("{{", "{").replace("}}", "}")
    return f"`{shown}`" if "{" in kind else shown


if __name__ == "__main__":
    DOCUMENT.write_text(text())
