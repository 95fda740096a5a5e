"""The plain pages of `confab serve`: no script, one style sheet, nothing from elsewhere."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

STYLE_PATH = "/auth/style.css"

STYLE = """\
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 34rem; margin: 4rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
input, button { font: inherit; padding: 0.4rem 0.8rem; }
input { letter-spacing: 0.15em; text-transform: uppercase; width: 9em; }
code { font-size: 0.95em; }
"""

POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
"""The Content-Security-Policy of every answer."""


def page(
    title: str, *content: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A page; `content` is markup, whatever came from outside escaped in it."""
    body = "\n".join(content)
    text = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<title>{escape(title)} · confab</title>\n<link rel="stylesheet" href="{STYLE_PATH}">\n'
        f"</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(text.encode(), status, media_type="text/html", headers=kept)


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def form(action: str, button: str, fields: str = "") -> str:
    """A form that is sent by its one button; `fields` is markup."""
    return (
        f'<form method="post" action="{escape(action)}">\n{fields}\n'
        f'<button type="submit">{escape(button)}</button>\n</form>'
    )


def hidden(name: str, value: str) -> str:
    """A field that the person does not see."""
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


def entry(name: str, label: str, value: str) -> str:
    """A field that the person fills in."""
    return (
        f'<p><label>{escape(label)} <input name="{escape(name)}" value="{escape(value)}" '
        'autocomplete="off" spellcheck="false" maxlength="20" required></label></p>'
    )
