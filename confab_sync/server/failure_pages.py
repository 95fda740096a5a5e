"""What went wrong, as a page for people in place of the API's short texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services

_TITLES = {
    400: "This address asks for something that does not exist",
    403: "This was not asked by a page of this server",
    404: "There is nothing here",
    429: "Too many requests",
    500: "Something went wrong on the server",
    503: "The store cannot be read just now",
}
_WHAT_TO_DO = {
    403: "Go back, reload the page, and try again.",
    404: "The session may have been deleted, or the link is not complete.",
    429: "Wait a few seconds, then reload the page.",
    500: "What happened is in the log of confab serve.",
    503: "Another program holds it, or the disk is full. The log of confab serve says which.",
}


class FailurePages:
    """Answers browsers that went to an address themselves; scripts and clients get the text."""

    def __init__(self, services: Services) -> None:
        self._templates = services.templates

    def answer(self, request: Request, status: int) -> Response | None:
        """The page for this status; `None` when nobody would look at it."""
        path = request.url.path
        is_looked_at = request.method in ("GET", "POST") and "text/html" in request.headers.get(
            "accept", ""
        )
        if not is_looked_at or path.startswith(("/api/", "/pages/", "/static/")):
            return None
        title = _TITLES.get(status, f"The server answered {status}")
        return self._templates.page(
            request,
            "failure.html",
            None,
            status=status,
            title=title,
            what_to_do=_WHAT_TO_DO.get(status, ""),
        )
