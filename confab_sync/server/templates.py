"""Turns the package's templates into the pages that people see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from confab_sync import __version__
from confab_sync.server import wording
from confab_sync.server.titles import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from markupsafe import Markup
    from starlette.requests import Request

    from confab_sync.server.assets import Asset
    from confab_sync.store.users import User

NAVIGATION = (("Now", "/", "n"), ("Sessions", "/sessions", "s"), ("Usage", "/usage", "u"))
"""The pages in the navigation: name, path, and the key that goes there after `g`."""


class Templates:
    """The templates with what all of them may use.

    Filters: `ago` (a datetime), `bytes`, `number`, `short` (thousands as k), `duration`
    (seconds), `plain` (a text that comes from outside, on one line). Functions:
    `static('base.css')`, the URL of a static file. Whatever a template puts out is escaped;
    what it does not know is an error.
    """

    def __init__(self, assets: Mapping[str, Asset], clock: Callable[[], datetime]) -> None:
        self._assets = assets
        self._clock = clock
        self._environment = Environment(
            loader=PackageLoader("confab_sync.server", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            ago=self._ago,
            bytes=wording.sized,
            number=wording.counted,
            short=wording.shortened,
            duration=wording.lasting,
            plain=plain,
        )
        self._environment.globals.update(static=self.static, version=__version__)

    def page(
        self,
        request: Request,
        name: str,
        user: User | None,
        *,
        status: int = 200,
        **context: object,
    ) -> Response:
        """The page that the template `name`, which extends `base.html`, makes of `context`.

        `user` is who is signed in; `None` leaves out the navigation.
        """
        text = self.text(name, user=user, navigation=NAVIGATION, path=request.url.path, **context)
        return self.html(text, status)

    def fragment(self, name: str, **context: object) -> Response:
        """A part of a page, which a script asked for."""
        return self.html(self.text(name, **context))

    def html(self, text: str, status: int = 200) -> Response:
        """An answer with markup that a template made."""
        data = text.encode("utf-8", "replace")
        headers = {"Cache-Control": "no-store"}
        return Response(data, status, media_type="text/html", headers=headers)

    def text(self, name: str, **context: object) -> str:
        """What a template makes of `context`."""
        return self._environment.get_template(name).render(context)

    def sign_in_needed(self, request: Request) -> Response:
        """The page that tells somebody whom we do not know how to sign in."""
        return self.page(request, "sign_in_needed.html", None, status=401)

    def static(self, name: str) -> str:
        """The URL of a static file."""
        return self._assets[name].path

    def _ago(self, moment: datetime | None) -> Markup:
        return wording.ago(moment, self._clock())
