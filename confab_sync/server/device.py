"""Login of a device by a code that a person approves in a browser (contract §2.11)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.routing import Route

from confab_sync import wire
from confab_sync.errors import KeyLimitReached, RequestRefused
from confab_sync.server.answers import as_json, refusal
from confab_sync.server.fields import Record, parsed
from confab_sync.server.services import new_key
from confab_sync.store.device_codes import Redemption

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.services import Services

DEFAULT_KEY_NAME = "CLI Key"

_REFUSALS = {
    Redemption.PENDING: (400, wire.AUTHORIZATION_PENDING),
    Redemption.EXPIRED: (400, wire.EXPIRED_TOKEN),
    Redemption.UNKNOWN: (400, wire.INVALID_GRANT),
    Redemption.DENIED: (403, wire.ACCESS_DENIED_CODE),
}


class DeviceApi:
    """The two routes that a device uses; the person's page is in `pages`."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route(wire.DEVICE_CODE, self.code, methods=["POST"]),
            Route(wire.DEVICE_TOKEN, self.token, methods=["POST"]),
        ]

    async def code(self, request: Request) -> Response:
        """A new pair of codes."""
        body = await self._body(request)
        key_name = _key_name(body)
        services = self._services
        device_code = services.random(32).hex()
        user_code = new_user_code(services.random)
        expires_at = services.clock() + timedelta(seconds=wire.DEVICE_EXPIRES_IN)
        await services.pool.run(
            lambda store: store.accounts.begin_device(device_code, user_code, key_name, expires_at)
        )
        return as_json(
            {
                "device_code": device_code,
                "user_code": user_code,
                "verification_uri": services.site.base_url(request) + wire.DEVICE,
                "expires_in": wire.DEVICE_EXPIRES_IN,
                "interval": wire.DEVICE_INTERVAL,
            }
        )

    async def token(self, request: Request) -> Response:
        """The key, once the code was approved, and once only."""
        body = await self._body(request)
        device_code = "" if body is None else body.text("device_code")
        if not device_code:
            raise refusal(400, wire.INVALID_REQUEST)
        key = new_key(self._services.random)
        try:
            redemption = await self._services.pool.run(
                lambda store: store.accounts.redeem_device(device_code, key), wire.SERVER_ERROR
            )
        except KeyLimitReached:
            raise refusal(409, wire.API_KEY_LIMIT_EXCEEDED) from None
        if redemption is not Redemption.GRANTED:
            raise refusal(*_REFUSALS[redemption])
        return as_json({"access_token": key, "token_type": "Bearer"})

    async def _body(self, request: Request) -> Record | None:
        """The object in the body; `None` for anything else."""
        complaint = wire.INVALID_REQUEST
        async with self._services.bodies.of(request, wire.AUTH_BODY, complaint) as data:
            try:
                return parsed(data, complaint)
            except RequestRefused:
                return None


def new_user_code(random: Callable[[int], bytes]) -> str:
    """Eight symbols that are not mistaken for one another, such as `ABCD-2345`."""
    size = len(wire.USER_CODE_ALPHABET)
    symbols: list[str] = []
    while len(symbols) < 8:
        for byte in random(8):
            if byte < 256 - 256 % size:  # so that every symbol is as likely as the others
                symbols.append(wire.USER_CODE_ALPHABET[byte % size])
    code = "".join(symbols)
    return f"{code[:4]}-{code[4:8]}"


def _key_name(body: Record | None) -> str:
    try:
        name = "" if body is None else body.text("key_name")
    except RequestRefused:
        name = ""
    if len(name.encode()) > wire.MAX_KEY_NAME:
        raise RequestRefused(
            400, wire.FIELD_TOO_LONG.format(field="key_name", limit=wire.MAX_KEY_NAME)
        )
    return name.replace("\0", "") or DEFAULT_KEY_NAME
