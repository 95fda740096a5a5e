"""How texts and questions are cut into the words that the search index knows.

SQLite's tokenizer knows no words in scripts without blanks. Their runs are cut into pairs
that overlap, so that two characters in a row are always found.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from confab_sync.errors import SearchError

_UNSPACED = (
    "\u3040-\u30ff"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"  # Chinese characters
    "\u1100-\u11ff\uac00-\ud7af"  # Hangul, whose words carry particles
)
_RUN = re.compile(f"[{_UNSPACED}]+")
_PART = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")
_WORD = re.compile(r"[^\W_]+")
_TERM = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: an FTS5 expression, and the texts to point at in what is found."""

    expression: str
    texts: tuple[str, ...]


def indexed(text: str) -> str:
    """`text` as the index takes it in."""
    return _RUN.sub(lambda run: f" {' '.join(_pairs(run[0]))} {run[0][-1]} ", _plain(text))


def question(text: str) -> Question:
    """What a person asks for: words that all have to be there, in any order.

    `"several words"` have to stand together, `begin*` is the beginning of a word, and what has
    a `-` in front must not be there. Raises `SearchError` when nothing is asked for.
    """
    wanted: list[str] = []
    unwanted: list[str] = []
    texts: list[str] = []
    for term in _TERM.finditer(text):
        said = term["phrase"] if term["phrase"] is not None else term["word"]
        expression = _expression(said, is_word=term["word"] is not None)
        if not expression:
            continue
        (unwanted if term["minus"] else wanted).append(expression)
        if not term["minus"]:
            texts.append(said.rstrip("*"))
    if not wanted:
        raise SearchError(f"there is no word to look for in {text!r}")
    return Question(" NOT ".join([" AND ".join(wanted), *unwanted]), tuple(texts))


def _expression(said: str, *, is_word: bool) -> str:
    """One term for FTS5, all of it quoted: nobody's text is read as an operator.

    Where the script changes the term falls into parts, which need not stand together.
    """
    parts = []
    plain = _plain(said)
    for part in _PART.findall(plain):
        words = " ".join(_WORD.findall(part))
        if not words:
            continue
        is_beginning = False
        if _RUN.match(words):
            is_beginning = len(words) == 1
            words = " ".join(_pairs(words)) or words
        elif is_word and part.endswith("*") and plain.endswith(part):
            is_beginning = True
        parts.append(f'"{words}"' + ("*" if is_beginning else ""))
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})" if parts else ""


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)]


def _plain(text: str) -> str:
    """Full and half width, composed and decomposed characters are the same to a reader.

    Halves of surrogate pairs, which JSON may hold, are no text that SQLite takes.
    """
    whole = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole)
