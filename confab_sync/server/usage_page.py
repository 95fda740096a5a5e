"""The page that shows what sessions used, by day, project and model."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from confab_sync.server.access import Access
from confab_sync.server.event_stream import stream
from confab_sync.server.plots import Plot, plot
from confab_sync.server.titles import project_of
from confab_sync.server.usage import report
from confab_sync.server.wording import counted, shortened
from confab_sync.server.zones import zone_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    from starlette.requests import Request
    from starlette.responses import Response

    from confab_sync.server.counting import Progress
    from confab_sync.server.services import Services
    from confab_sync.server.usage import Bar, Report
    from confab_sync.store.store import Store
    from confab_sync.store.users import User
    from confab_sync.store.values import StoredSession

LIVE = "/pages/usage/live"
PERIODS = (("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("all", "All"))
USUAL = "30"
SERIES = 4
"""Models that have a colour of their own; the others share one."""

OTHERS = "others"
PATIENCE = 0.5
"""Seconds that the page waits for what has just been stored to be counted."""


class UsagePage:
    """The page, and what keeps it true while it is open."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._access = Access(services)
        self._templates = services.templates

    def routes(self) -> list[Route]:
        """The routes, to be put into an application."""
        return [
            Route("/usage", self.page, methods=["GET"]),
            Route(LIVE, self.live, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """The whole page."""
        user = await self._access.by_cookie(request)
        if user is None:
            return self._templates.sign_in_needed(request)
        period = _period(request)
        context = await self._context(user, period, zone_of(request))
        live = f"{LIVE}?days={period}"
        return self._templates.page(
            request, "usage.html", user, live=live, periods=PERIODS, **context
        )

    async def live(self, request: Request) -> Response:
        """The page's changing part, again and again."""
        user = await self._access.signed_in(request)
        period, zone, shown = _period(request), zone_of(request), ""

        async def produce() -> str | None:
            nonlocal shown
            context = await self._context(user, period, zone)
            html = self._templates.text("usage_report.html", **context)
            if html == shown:
                return None
            shown = html
            return json.dumps({"html": html})

        return stream(self._services, request, user, produce)

    async def _context(self, user: User, period: str, zone: tzinfo) -> dict[str, Any]:
        services = self._services
        progress = await asyncio.to_thread(services.counter.catch_up, PATIENCE)
        today = services.clock().astimezone(zone).date()

        def work(store: Store) -> dict[str, Any]:
            sessions = store.sessions_of(user.id).listing()
            projects = {session.session_id: project_of(session) for session in sessions}
            used = services.used.of_sessions(projects)
            days = None if period == "all" else int(period)
            found = report(used, projects, today, days, zone)
            zone_name = "" if zone is UTC else str(zone)
            described = _described(found, progress, _places(sessions))
            return {**described, "zone": zone_name, "period": period}

        return await services.pool.run(work)


def _period(request: Request) -> str:
    asked = request.query_params.get("days", USUAL)
    return asked if asked in dict(PERIODS) else USUAL


def _places(sessions: Sequence[StoredSession]) -> dict[str, str]:
    """The directory of each project that has just one, for the list of its sessions."""
    places: dict[str, set[str]] = {}
    for session in sessions:
        places.setdefault(project_of(session), set()).add(session.cwd or "")
    return {name: found.pop() for name, found in places.items() if len(found) == 1 and name}


def _described(found: Report, progress: Progress, places: dict[str, str]) -> dict[str, Any]:
    names = [name for name, _ in found.models]
    series = names if len(names) <= SERIES + 1 else [*names[:SERIES], OTHERS]
    return {
        "report": found,
        "progress": progress,
        "places": places,
        "series": series,
        "tokens": _tokens(found.bars, series),
        "turns": plot(
            [[bar.all.turns] for bar in found.bars],
            [f"{_when(bar)}: {counted(bar.all.turns)} turns" for bar in found.bars],
        ),
        "sessions": plot(
            [[len(bar.all.sessions)] for bar in found.bars],
            [f"{_when(bar)}: {counted(len(bar.all.sessions))} sessions" for bar in found.bars],
        ),
        "when": _when,
        "by_series": _by_series,
    }


def _tokens(bars: Sequence[Bar], series: Sequence[str]) -> Plot:
    values, texts = [], []
    for bar in bars:
        own = _by_series(bar, series)
        told = [
            f"{name} {shortened(count)}" for name, count in zip(series, own, strict=True) if count
        ]
        values.append(own)
        texts.append(f"{_when(bar)}: {', '.join(told) or 'nothing'}")
    return plot(values, texts)


def _by_series(bar: Bar, series: Sequence[str]) -> list[int]:
    """A bar's answered tokens by model, those of the models without a colour together."""
    own = [bar.by_model.get(name, 0) for name in series]
    if series and series[-1] == OTHERS:
        own[-1] = sum(bar.by_model.values()) - sum(own[:-1])
    return own


def _when(bar: Bar) -> str:
    """A bar's day as people say it."""
    day = f"{bar.day:%a} {bar.day.day} {bar.day:%b %Y}"
    return day if bar.days == 1 else f"week of {day}"
