"""A conversation as one HTML page that needs nothing else and runs nothing.

What was said is untrusted: HTML in it is shown as text, and the page's own policy forbids
scripts and everything from other hosts, pictures too.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from confab_sync.claude.markup import Markup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; --line: #8884; --soft: #8881; }}
body {{ font: 16px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem;
 overflow-wrap: break-word; }}
h1 {{ font-size: 1.5rem; line-height: 1.25; }}
h2, h3, h4 {{ font-size: 1rem; margin: 2.5rem 0 .5rem; padding-top: .75rem;
 border-top: 1px solid var(--line); }}
pre, code {{ font: .85rem/1.5 ui-monospace, monospace; }}
pre {{ background: var(--soft); padding: .75rem; overflow-x: auto; max-height: 30rem; }}
blockquote {{ margin: 0; padding-left: 1rem; border-left: 3px solid var(--line); opacity: .8; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; }}
td, th {{ border: 1px solid var(--line); padding: .25rem .5rem; }}
.to-left {{ text-align: left; }}
.to-center {{ text-align: center; }}
.to-right {{ text-align: right; }}
</style>
</head>
<body>
<main>
"""
_FOOT = "</main>\n</body>\n</html>\n"


def page(title: str, paragraphs: Iterable[str]) -> Iterator[str]:
    """The page's text, piece by piece, from paragraphs of Markdown."""
    markup = Markup()
    yield _HEAD.format(title=html.escape(title))
    for paragraph in paragraphs:
        # Halves of surrogate pairs and the like have no place in a file.
        yield markup.html(paragraph).encode("utf-8", "replace").decode("utf-8")
    yield _FOOT
