"""Everything that can be measured, by the name that selects it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench import backlog, children, commands, crowd, hooks, latency, pages, restarting, resting
from bench.figures import Figure
from bench.rig import Rig, rig
from bench.serving import serving

if TYPE_CHECKING:
    from bench.subjects import Subject

Progress = Callable[[int], None]
Measure = Callable[["Subject", int, Progress], list[Figure]]


@dataclass(frozen=True, slots=True)
class Work:
    """One measurement, which tells figures of one subject.

    `measure` is told how many rounds to run where rounds are short, and tells their numbers.
    """

    name: str
    about: str
    measure: Measure


def works(*, is_full: bool = False) -> tuple[Work, ...]:
    """All of them, in the order of the table; `is_full` takes as much as an archive of years."""
    size = pages.FULL if is_full else pages.MODERATE
    return (
        Work("hooks", "the three hooks, as Claude Code runs them", _hooks),
        Work("commands", "what a person types, beside 50 daemons", _commands),
        Work("latency-store", "lines to the embedded store", _plain(latency.to_store)),
        Work("latency-server", "lines to a server", _plain(latency.to_server)),
        Work("rest-store", "the first line after a rest", _plain(resting.first_line_to_store)),
        Work("rest", "what resting daemons cost", _plain(resting.measure)),
        Work("backlog", "a transcript of 100 MB", _plain(backlog.measure)),
        Work("processes", "what a busy daemon starts", _plain(children.measure)),
        Work("restart", "one line more in 1 GB", _plain(restarting.measure)),
        Work("crowd", "100 daemons on one store", _plain(crowd.measure)),
        Work(
            "pages",
            "confab serve beside many sessions",
            _plain(lambda subject: pages.measure(subject, size)),
        ),
    )


def _plain(measure: Callable[[Subject], list[Figure]]) -> Measure:
    return functools.wraps(measure)(lambda subject, count, progress: measure(subject))


def _hooks(subject: Subject, count: int, progress: Progress) -> list[Figure]:
    """The launcher's hooks in the subject's column, the Python part in lines of its own."""
    ways = hooks.WAYS if subject.is_own else (hooks.THROUGH_LAUNCHER,)
    with _any_rig(subject) as prepared:
        found = hooks.measure(prepared, count, progress, ways)
    return [
        replace(
            figure,
            work=figure.work + ("" if figure.way == hooks.THROUGH_LAUNCHER else ", Python part"),
            way=subject.name,
        )
        for figure in sorted(found, key=lambda figure: hooks.WAYS.index(figure.way))
    ]


def _commands(subject: Subject, count: int, progress: Progress) -> list[Figure]:
    with _any_rig(subject) as prepared:
        return commands.measure(prepared, count, progress)


@contextmanager
def _any_rig(subject: Subject) -> Iterator[Rig]:
    """A home with the embedded store, or a server for whoever has no store."""
    if subject.is_own:
        with rig(subject) as prepared:
            yield prepared
    else:
        with serving() as server, rig(subject, server) as prepared:
            yield prepared
