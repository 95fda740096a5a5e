"""The pages on which a person signs in and approves a device (contract §2.11)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from confab_sync import wire
from confab_sync.errors import RequestRefused
from confab_sync.server.access import COOKIE, Access
from confab_sync.store.sign_ins import COOKIE_LIFE

if TYPE_CHECKING:
    from starlette.requests import Request

    from confab_sync.server.services import Services

SIGN_IN = "/auth/sign-in"
SIGN_OUT = "/auth/sign-out"
_HOME = "/"
_USER_CODE = re.compile(f"[{wire.USER_CODE_ALPHABET}]{{8}}")


class SignInPages:
    """The routes for people who are not signed in yet, or whose devices are not."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route(SIGN_IN, self.offer_sign_in, methods=["GET"]),
            Route(SIGN_IN, self.sign_in, methods=["POST"]),
            Route(SIGN_OUT, self.sign_out, methods=["POST"]),
            Route(wire.DEVICE, self.device, methods=["GET"]),
            Route(wire.DEVICE_VERIFY, self.verify, methods=["POST"]),
        ]

    async def offer_sign_in(self, request: Request) -> Response:
        """The page behind a one-time link; only its button uses the link up."""
        token = request.query_params.get("token", "")
        return self._templates.page(request, "sign_in.html", None, token=token)

    async def sign_in(self, request: Request) -> Response:
        """Exchange a one-time link for a cookie."""
        self._refuse_strangers(request)
        token = await self._field(request, "token")
        cookie = self._services.random(32).hex()
        user = await self._services.pool.run(
            lambda store: store.accounts.exchange_link(token, cookie)
        )
        if user is None or user.state == "disabled":
            return self._templates.page(request, "sign_in_failed.html", None, status=403)
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
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        code = normalised(request.query_params.get("code", "")) or ""
        return self._templates.page(request, "device.html", user, code=code)

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
            return self._templates.page(request, "device_unknown.html", user, status=400)
        return self._templates.page(request, "device_approved.html", user)

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
