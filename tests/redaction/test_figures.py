"""The figures in the documents are those of today's masker."""

from __future__ import annotations

from tests.redaction import figures


def test_the_document_says_what_the_corpora_say() -> None:
    """If not: python -m tests.redaction.figures."""
    assert figures.DOCUMENT.read_text() == figures.text()
