"""Moments as a person names them: a date, or how long ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable

_AGO = re.compile(r"(\d+)\s*(min|h|d|w)")
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Moment(click.ParamType[datetime]):
    """An option's value: `2026-03-01`, `2026-03-01T12:00`, or `90min`, `12h`, `3d`, `2w` ago.

    A date without a zone is the local one. `clock` tells the present.
    """

    name = "when"

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The moment that `value` names; a usage error when it names none."""
        if isinstance(value, datetime):
            return value
        text = str(value).strip().lower()
        ago = _AGO.fullmatch(text)
        try:
            if ago:
                return self._clock() - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return datetime.fromisoformat(str(value).strip()).astimezone()
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is neither a date (2026-03-01) nor an age (12h, 3d)", param, ctx)
