"""Source code with its words marked by kind, for a style sheet to colour."""

from __future__ import annotations

import os
from html import escape
from typing import TYPE_CHECKING

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import find_lexer_class_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LONGEST = 12_000
"""Characters of code that are marked; what is longer stays plain, for lexers can be slow."""

LONGEST_LINE = 2_000

_PLAIN = frozenset({"", "text", "txt", "plain", "plaintext", "console", "output"})


def highlighted(code: str, language: str) -> str:
    """`code` as HTML, escaped, with spans of Pygments' classes if it knows the language."""
    lexer = _lexer(language) if _is_bearable(code) else None
    return escape(code) if lexer is None else _marked(code, lexer)


def highlighted_file(code: str, path: str) -> str:
    """The same for the content of a file, whose name tells the language."""
    if not _is_bearable(code):
        return escape(code)
    try:
        lexer = get_lexer_for_filename(os.path.basename(path), stripnl=False)
    except ClassNotFound:
        return escape(code)
    return _marked(code, lexer)


def _lexer(language: str) -> Lexer | None:
    if language.lower() in _PLAIN or len(language) > 40:
        return None
    try:
        lexer: Lexer = find_lexer_class_by_name(language)(stripnl=False)
    except ClassNotFound:
        return None
    return lexer


def _is_bearable(code: str) -> bool:
    return len(code) <= LONGEST and max(map(len, code.split("\n"))) <= LONGEST_LINE


def _marked(code: str, lexer: Lexer) -> str:
    marked: str = highlight(code, lexer, HtmlFormatter(nowrap=True, classprefix="h-"))
    return marked if code.endswith("\n") else marked.removesuffix("\n")
