"""What every request passes before it is routed (contract §1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse

from confab_sync import wire
from confab_sync.errors import RequestRefused
from confab_sync.server.answers import refused

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from confab_sync.server.services import Services

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""The Content-Security-Policy of every answer."""

_WRITING = frozenset({"POST", "PUT", "PATCH"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
}


class Guard:
    """Wraps an application; also puts the safety headers on every answer."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._headers = dict(_HEADERS)
        if services.site.is_secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        try:
            early = self._check(Request(scope))
        except RequestRefused as error:
            early = refused(error)
        await (early or self._app)(scope, receive, send_safely)

    def _check(self, request: Request) -> Response | None:
        """An answer instead of the application's, if there is one; raises `RequestRefused`."""
        site, path, method = self._services.site, request.url.path, request.method
        self._services.rates.everything.take(site.address_of(request))
        host = request.headers.get("host", "")
        if not site.is_ours(host) and path != wire.HEALTH:
            if host.lower().startswith("www.") and site.is_ours(host[4:]):
                return RedirectResponse(_without_www(request, site.is_secure), 301)
            raise RequestRefused(421, "Misdirected Request")
        if method not in _SAFE and site.is_cross_site(request):
            raise RequestRefused(403, wire.CSRF_FAILED)
        if path.startswith(wire.API + "/") and method in _WRITING:
            _check_media_type(request)
        if path.startswith("/auth/") and method == "POST":
            self._services.rates.auth.take(site.address_of(request))
        return None


def _check_media_type(request: Request) -> None:
    wanted = wire.SIDE_FILE_TYPE if request.url.path == wire.SIDE_FILE else wire.JSON_TYPE
    given = request.headers.get("content-type", "").partition(";")[0].strip()
    if given != wanted:
        raise RequestRefused(415, wire.WRONG_MEDIA_TYPE.format(wanted=wanted))


def _without_www(request: Request, is_secure: bool) -> str:
    host = request.headers["host"][4:]
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{'https' if is_secure else 'http'}://{host}{request.url.path}{query}"
