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

LONGEST_LINE = 1_000
MOST_LINES = 400

_NAMES = """
    asm awk bash bat c clojure cmake cpp csharp css dart diff django docker elixir erlang fish
    fsharp go graphql groovy haskell html ini java javascript jinja json jsx julia kotlin less
    lisp llvm lua make markdown mysql nasm nginx nix objective-c ocaml perl php postgresql
    powershell properties protobuf python rb rst rust sass scala scheme scss shell-session sql
    sqlite3 svelte swift terraform tex toml ts tsx vb.net vim vue wast xml yaml zig zsh pycon
    console python-console python3 typescript ruby terminal
"""
"""Aliases of the languages that are marked: those that people write, of whose lexers none was
found that takes seconds. A transcript chooses the language, a lexer is made of regular
expressions, and while one of them runs no other thread does.
"""

_KNOWN = frozenset(_NAMES.split())

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
    return _marked(code, lexer) if _is_known(lexer) else escape(code)


def _lexer(language: str) -> Lexer | None:
    if language.lower() in _PLAIN or len(language) > 40:
        return None
    try:
        lexer: Lexer = find_lexer_class_by_name(language)(stripnl=False)
    except ClassNotFound:
        return None
    return lexer if _is_known(lexer) else None


def _is_known(lexer: Lexer) -> bool:
    return not _KNOWN.isdisjoint(lexer.aliases)


def _is_bearable(code: str) -> bool:
    lines = code.split("\n")
    return (
        len(code) <= LONGEST and len(lines) <= MOST_LINES and max(map(len, lines)) <= LONGEST_LINE
    )


def _marked(code: str, lexer: Lexer) -> str:
    marked: str = highlight(code, lexer, HtmlFormatter(nowrap=True, classprefix="h-"))
    return marked if code.endswith("\n") else marked.removesuffix("\n")
