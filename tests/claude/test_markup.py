"""Markdown becomes HTML in which nothing of what was said has any power."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as some

from confab_sync.claude.highlighting import highlighted
from confab_sync.claude.markup import Markup, is_safe_link

HARMLESS = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "s", "code", "pre", "blockquote"),
    *("ul", "ol", "li", "hr", "br", "a", "div", "table", "thead", "tbody", "tr", "th", "td"),
    "span",
}
ATTRIBUTES = {"href", "rel", "target", "class", "start", "style"}


class Parts(HTMLParser):
    """What a browser would make of the markup."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


PIECES = some.sampled_from(
    [
        *(
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            '"onclick=x ',
            "</pre>",
            "`",
        ),
        *(
            "[a](javascript:x)",
            "[a](https://b.c)",
            "![i](https://b.c/i.png)",
            "<https://b.c>",
            "\n",
        ),
        *("```python\n", "```", "# ", "> ", "- ", "|a|b|\n|-|-|\n", "**", "&#x202e;", "&lt;", " "),
        *("\u202e", "\x1b[31m", "[a]: javascript:x\n", "[a][a]", "<!-- -->", "~~", "\n\n", "1. "),
    ]
)


@given(some.lists(some.one_of(PIECES, some.text(max_size=5)), max_size=20).map("".join))
def test_only_harmless_markup_comes_out(text: str) -> None:
    for reader in (Markup(), Markup(highlighted, breaks=True)):
        html = reader.html(text)
        for tag, attributes in Parts(html).tags:
            assert tag in HARMLESS
            assert set(attributes) <= ATTRIBUTES
            if tag == "a":
                assert is_safe_link(attributes["href"] or "")
                assert attributes["rel"] == "noopener noreferrer nofollow"
        assert "\u202e" not in html
        assert "\x1b" not in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** `code`", "<p><strong>bold</strong> <code>code</code></p>\n"),
        ("<b>not</b>", "<p>&lt;b&gt;not&lt;/b&gt;</p>\n"),
        ("![p](https://x.y/z)", "https://x.y/z"),
        ("[a](javascript:b)", "<p>[a](javascript:b)</p>\n"),
        ("&#x202e;", "<p>⟦U+202E⟧</p>\n"),
        ("```\n<i>\n```", "<pre><code>&lt;i&gt;\n</code></pre>\n"),
    ],
)
def test_markdown_is_rendered(text: str, html: str) -> None:
    assert html in Markup().html(text)


def test_newlines_that_were_typed_are_kept_where_that_is_asked_for() -> None:
    assert "<br" not in Markup().html("a\nb")
    assert "<br" in Markup(breaks=True).html("a\nb")


def test_code_is_marked_by_kind_without_styles() -> None:
    html = Markup(highlighted).html("```python\ndef f(): return '<'\n```")
    assert '<span class="h-k">def</span>' in html
    assert "&lt;" in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://a.b/c?d#e", True),
        ("http://localhost:8000", True),
        ("HTTPS://A.B", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//a.b", False),
        ("/sessions", False),
        ("https://", False),
        ("https://[bad", False),
        ("vbscript:x", False),
    ],
)
def test_links_lead_to_the_web_only(url: str, is_safe: bool) -> None:
    assert is_safe_link(url) is is_safe


def test_columns_are_aligned_without_styles() -> None:
    html = Markup().html("| a | b |\n|--:|---|\n| 1 | 2 |")
    assert '<th class="to-right">a</th>' in html
    assert '<td class="to-right">1</td>' in html
    assert "<td>2</td>" in html
    assert "style" not in html


def test_few_bars_do_not_become_very_many_cells() -> None:
    columns = 1000
    text = f"{'|a' * columns}|\n{'|-' * columns}|\n" + "|\n" * 5000
    assert "<td" not in Markup().html(text)
    assert Markup().html("|a|\n|-|\n" + "|b|\n" * 500).count("<td>") == 500
