"""What is said keeps to the terminal, and nothing steers it."""

from __future__ import annotations

import pytest

from confab_sync.cli.terminal import folded, readable, safe


def test_a_sentence_ends_its_lines_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "24")
    said = folded("what is not at the server yet, in /a/directory/with-a-long-name/x")
    assert said.splitlines() == [
        "what is not at the",
        "server yet, in",
        "/a/directory/with-a-long-name/x",
    ]
    assert folded("") == ""


def test_documents_keep_their_tabs_and_lines_and_lose_what_steers() -> None:
    text = "\ta\tb\n\x1b[2Jc\r\u202e"
    assert readable(text) == "\ta\tb\n\\x1b[2Jc\\r\\u202e"
    assert safe("a\tb") == "a       b"
