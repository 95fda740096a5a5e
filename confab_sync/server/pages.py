"""The pages on which a person signs in and approves a device (contract §2.11)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from confab_sync import wire
from confab_sync.errors import RequestRefused
from confab_sync.server import html
from confab_sync.server.access import COOKIE, Access
from confab_sync.store.sign_ins import COOKIE_LIFE

if TYPE_CHECKING:
    from starlette.requests import Request

    from confab_sync.server.services import Services

SIGN_IN = "/auth/sign-in"
SIGN_OUT = "/auth/sign-out"
_HOME = "/"
_USER_CODE = re.compile(f"[{wire.USER_CODE_ALPHABET}]{{8}}")
_HOW_TO_SIGN_IN = (
    "<p>You are not signed in. On the computer on which <code>confab serve</code> runs, type "
    "<code>confab serve users link</code> and open the link that it prints; then come back here."
    "</p>"
)


class Pages:
    """The routes for people."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route(_HOME, self.home, methods=["GET"]),
            Route(html.STYLE_PATH, self.style, methods=["GET"]),
            Route(SIGN_IN, self.offer_sign_in, methods=["GET"]),
            Route(SIGN_IN, self.sign_in, methods=["POST"]),
            Route(SIGN_OUT, self.sign_out, methods=["POST"]),
            Route(wire.DEVICE, self.device, methods=["GET"]),
            Route(wire.DEVICE_VERIFY, self.verify, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        """Where one is, and as whom."""
        user = await self._access.by_cookie(request)
        if user is None:
            return html.page("confab serve", _HOW_TO_SIGN_IN)
        return html.page(
            "confab serve",
            html.paragraph(f"You are signed in as {user.email}."),
            f'<p><a href="{wire.DEVICE}">Log in a device</a></p>',
            html.form(SIGN_OUT, "Sign out"),
        )

    async def style(self, request: Request) -> Response:
        """The style sheet."""
        return Response(html.STYLE, media_type="text/css", headers={"Cache-Control": "max-age=60"})

    async def offer_sign_in(self, request: Request) -> Response:
        """The page behind a one-time link; only its button uses the link up."""
        token = request.query_params.get("token", "")
        return html.page("Sign in", html.form(SIGN_IN, "Sign in", html.hidden("token", token)))

    async def sign_in(self, request: Request) -> Response:
        """Exchange a one-time link for a cookie."""
        self._refuse_strangers(request)
        token = await self._field(request, "token")
        cookie = self._services.random(32).hex()
        user = await self._services.pool.run(
            lambda store: store.accounts.exchange_link(token, cookie)
        )
        if user is None or user.state == "disabled":
            return html.page(
                "This link does not work",
                html.paragraph("It was used before, or it is too old."),
                _HOW_TO_SIGN_IN,
                status=403,
            )
        answer = RedirectResponse(_HOME, 303)
        answer.set_cookie(
            COOKIE,
            cookie,
            max_age=int(COOKIE_LIFE.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self._services.site.is_secure,
        )
        return answer

    async def sign_out(self, request: Request) -> Response:
        """Let the cookie stand for nobody."""
        self._refuse_strangers(request)
        cookie = request.cookies.get(COOKIE, "")
        await self._services.pool.run(lambda store: store.accounts.end_cookie(cookie))
        answer = RedirectResponse(_HOME, 303)
        answer.delete_cookie(COOKIE)
        return answer

    async def device(self, request: Request) -> Response:
        """The page on which a code is entered or, given by the device, confirmed."""
        if await self._access.by_cookie(request) is None:
            return html.page("Log in a device", _HOW_TO_SIGN_IN)
        code = normalised(request.query_params.get("code", "")) or ""
        return html.page(
            "Log in a device",
            html.paragraph("Approve only a code that your own computer shows you now."),
            html.form(wire.DEVICE_VERIFY, "Approve", html.entry("code", "Code", code)),
        )

    async def verify(self, request: Request) -> Response:
        """Approve the device that shows the code."""
        self._refuse_strangers(request)
        user = await self._access.by_cookie(request)
        if user is None:
            raise RequestRefused(403, wire.UNAUTHORIZED)
        code = normalised(await self._field(request, "code"))
        approved = code is not None and await self._services.pool.run(
            lambda store: store.accounts.approve_device(code, user.id)
        )
        if not approved:
            return html.page(
                "No device waits with this code",
                html.paragraph("It was mistyped, used before, or is older than five minutes."),
                f'<p><a href="{wire.DEVICE}">Try again</a></p>',
                status=400,
            )
        return html.page(
            "Approved", html.paragraph("Your device is logged in within a few seconds.")
        )

    def _refuse_strangers(self, request: Request) -> None:
        if not self._services.site.is_same_origin(request):
            raise RequestRefused(403, wire.CSRF_FAILED)

    async def _field(self, request: Request, name: str) -> str:
        complaint = wire.INVALID_BODY
        async with self._services.bodies.of(request, wire.AUTH_BODY, complaint) as data:
            try:
                fields = parse_qs(data.decode("utf-8", "replace"), max_num_fields=10)
            except ValueError:
                raise RequestRefused(400, complaint) from None
        return fields.get(name, [""])[0]


def normalised(code: str) -> str | None:
    """A user code as it is kept, whatever its case and dashes; `None` for what is none."""
    symbols = "".join(symbol for symbol in code.upper() if symbol.isalnum())
    return f"{symbols[:4]}-{symbols[4:]}" if _USER_CODE.fullmatch(symbols) else None
