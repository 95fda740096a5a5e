"""What sessions used, added up by day, project and model."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from confab_sync.claude.models import short_name
from confab_sync.claude.usage import INPUT, OUTPUT, READ, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import tzinfo

    from confab_sync.claude.usage import Usage

BY_WEEK_FROM = 120
"""Days from which on a bar stands for a week."""

NO_PROJECT = "no directory"
MOST_ROWS = 25


@dataclass(slots=True)
class Sum:
    """Something added up; tokens that were sent anew, and of the cache written and read."""

    sessions: set[str] = field(default_factory=set)
    turns: int = 0
    input: int = 0
    written: int = 0
    read: int = 0
    output: int = 0

    def add_turns(self, session: str, turns: int) -> None:
        """Count what was typed in a session."""
        self.sessions.add(session)
        self.turns += turns

    def add_tokens(self, session: str, tokens: Sequence[int]) -> None:
        """Count the four numbers of tokens of a session."""
        self.sessions.add(session)
        self.input += tokens[INPUT]
        self.written += tokens[WRITTEN]
        self.read += tokens[READ]
        self.output += tokens[OUTPUT]


@dataclass(slots=True)
class Bar:
    """A day, or a week from this day on; `by_model` are the answered tokens."""

    day: date
    days: int
    all: Sum = field(default_factory=Sum)
    by_model: dict[str, int] = field(default_factory=lambda: defaultdict(int))


@dataclass(frozen=True, slots=True)
class Report:
    """What was used from `first` to `last`; projects and models by answered tokens."""

    first: date
    last: date
    all: Sum
    bars: Sequence[Bar]
    projects: Sequence[tuple[str, Sum]]
    models: Sequence[tuple[str, Sum]]
    more_projects: int = 0


def report(
    used: Mapping[str, Iterable[Usage]],
    project_of: Mapping[str, str],
    today: date,
    days: int | None,
    zone: tzinfo = UTC,
) -> Report:
    """What these sessions used in the last `days`, today's included; `None` is from the first on.

    `project_of` names the project of each session. Days, `today` as well, are those of `zone`.
    """
    day_of = _Days(zone)
    first = today - timedelta(days=days - 1) if days else _first_day(used, today, day_of)
    bars = _bars(first, today)
    whole = Sum()
    projects: dict[str, Sum] = defaultdict(Sum)
    models: dict[str, Sum] = defaultdict(Sum)
    for session, usages in used.items():
        project = projects[project_of.get(session) or NO_PROJECT]
        for usage in usages:
            for quarter, turns in usage.turns.items():
                bar = _bar(bars, day_of[quarter])
                if bar is not None:
                    for each in (whole, project, bar.all):
                        each.add_turns(session, turns)
            for quarter, by_model in usage.tokens.items():
                bar = _bar(bars, day_of[quarter])
                if bar is None:
                    continue
                for model, tokens in by_model.items():
                    name = short_name(model)
                    bar.by_model[name] += tokens[OUTPUT]
                    for each in (whole, project, bar.all, models[name]):
                        each.add_tokens(session, tokens)
    ranked = _ranked(projects)
    return Report(
        first,
        today,
        whole,
        bars,
        ranked[:MOST_ROWS],
        _ranked(models),
        max(0, len(ranked) - MOST_ROWS),
    )


class _Days(dict[str, "date | None"]):
    """The day in a time zone of each quarter of an hour; none of lines without a time."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, quarter: str) -> date | None:
        try:
            utc = datetime.fromisoformat(quarter).replace(tzinfo=UTC)
            day = utc.astimezone(self._zone).date()
        except (ValueError, OverflowError):  # no time, or one at either end of all times
            day = None
        self[quarter] = day
        return day


def _first_day(used: Mapping[str, Iterable[Usage]], today: date, day_of: _Days) -> date:
    found = {
        quarter
        for usages in used.values()
        for usage in usages
        for quarter in (*usage.turns, *usage.tokens)
    }
    days = (day_of[quarter] for quarter in found)
    earliest = min((day for day in days if day is not None), default=today)
    return min(max(earliest, date(2023, 1, 1)), today - timedelta(days=6))


def _bars(first: date, last: date) -> list[Bar]:
    step = 1 if (last - first).days < BY_WEEK_FROM else 7
    if step == 7:
        first -= timedelta(days=first.weekday())
    number = (last - first).days // step + 1
    return [Bar(first + timedelta(days=step * place), step) for place in range(number)]


def _bar(bars: Sequence[Bar], day: date | None) -> Bar | None:
    """The bar that a day belongs to; `None` for days outside, and for lines without a time."""
    if day is None or not bars:
        return None
    place = (day - bars[0].day).days // bars[0].days
    return bars[place] if 0 <= place < len(bars) else None


def _ranked(sums: Mapping[str, Sum]) -> list[tuple[str, Sum]]:
    used = [(name, each) for name, each in sums.items() if each.sessions]
    return sorted(used, key=lambda item: (-item[1].output, -len(item[1].sessions), item[0]))
