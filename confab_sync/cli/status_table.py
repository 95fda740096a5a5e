"""How `confab sync status` looks in a terminal."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Group
from rich.table import Table
from rich.text import Text

from confab_sync.cli.screen import records
from confab_sync.cli.views import ARCHIVED, UNFINISHED
from confab_sync.cli.wording import counted, in_local_time
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console, RenderableType

    from confab_sync.cli.views import CatchUpView, Overview, SessionView

STYLES = {"syncing": "green", "resting": "green", "stopping": "yellow", UNFINISHED: "yellow"}
WIDE = 100
"""Columns from which paths are shown instead of the names of projects."""


NOTHING = "Nothing to archive: no Claude Code session is running and none is unfinished."

END_OF_PAUSE = "`confab resume` ends the pause."

NOT_MASKED = 'Secrets are archived as they are: "redaction" is switched off in config.json.'


def is_wide(screen: Console) -> bool:
    """Whether there is room for the paths of projects; what is piped gets their names."""
    return screen.is_terminal and screen.width >= WIDE


def render(
    overview: Overview, *, detailed: bool, now: datetime, wide: bool, narrow: bool = False
) -> RenderableType:
    """The whole picture: a table, or one clear sentence when there is nothing to show.

    Projects are shown by their paths if `wide`, else by their names; sessions and files one below
    the other instead of in tables if `narrow`. Nothing that is shown can steer the terminal.
    """
    parts: list[RenderableType] = []
    if overview.paused:
        why = overview.paused[0].upper() + overview.paused[1:]
        told = f"{printable(in_local_time(why))}: nothing is copied. {END_OF_PAUSE}"
        parts.append(Text(told, style="yellow"))
    if overview.sessions:
        parts.append(_sessions(overview, now, wide=wide, narrow=narrow))
        parts += [_remark(view) for view in overview.sessions if _needs_words(view)]
        if detailed:
            parts += [_plain(_masked(view)) for view in overview.sessions if view.masked]
            there = [view for view in overview.sessions if view.files]
            parts += [Text(), *(_files(view, narrow=narrow) for view in there)] if there else []
    elif not overview.problems and overview.catch_up is None:
        parts.append(Text(NOTHING))
    if overview.catch_up is not None:
        parts.append(_plain(_catching_up(overview.catch_up), "green"))
    if overview.masking == "off":
        parts.append(Text(NOT_MASKED, style="yellow"))
    parts += [Text(printable(problem), style="yellow") for problem in overview.problems]
    return Group(*parts)


def _catching_up(view: CatchUpView) -> str:
    """How far the finisher is."""
    told = f"catching up: {view.done:,} of {counted(view.of, 'session')}"
    if view.session and view.done < view.of:
        told += f", now {short_id(view.session)}"
    return f"{told}; {view.last_error}" if view.last_error else told


def _sessions(overview: Overview, now: datetime, *, wide: bool, narrow: bool) -> RenderableType:
    if narrow:
        return records(
            ("session", "project", "phase", "behind", "since"), _brief(overview.sessions, now)
        )
    table = _table("session", "project", "phase", "backend", ">lines", ">archived", ">behind")
    table.add_column("since", justify="right", no_wrap=True)
    for view in overview.sessions:
        style = STYLES.get(view.phase, "dim" if view.phase == ARCHIVED else "")
        place = view.project if wide else os.path.basename(view.project.rstrip("/"))
        table.add_row(
            _plain(short_id(view.id)),
            _plain(place or "-"),
            _plain(view.phase, style),
            _plain(view.connection or view.backend or "-"),
            f"{view.lines:,}",
            size(view.bytes),
            _plain(size(view.behind_bytes), "yellow" if view.behind_bytes else ""),
            age(view.since, now),
        )
    return table


def _brief(views: Iterable[SessionView], now: datetime) -> Iterator[Sequence[str]]:
    for view in views:
        name = os.path.basename(view.project.rstrip("/"))
        behind = size(view.behind_bytes) if view.behind_bytes else ""
        yield short_id(view.id), name, view.phase, behind, age(view.since, now)


def _files(view: SessionView, *, narrow: bool) -> RenderableType:
    if narrow:
        rows = [(file.name, f"{file.lines:,}", size(file.bytes), file.note) for file in view.files]
        return records(("file", "lines", "archived", "note"), rows)
    noted = any(file.note for file in view.files)  # else its room is for the names
    columns = ("file", "kind", ">lines", ">archived", ">behind", *(["note"] if noted else []))
    table = _table(*columns)
    for file in view.files:
        table.add_row(
            _plain(file.name),
            _plain(file.kind),
            f"{file.lines:,}",
            size(file.bytes),
            size(file.behind_bytes),
            *([_plain(file.note)] if noted else []),
        )
    if view.files_omitted:
        table.add_row(f"… and {view.files_omitted:,} more")
    return table


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for column in columns:
        right = column.startswith(">")
        table.add_column(
            column.removeprefix(">"),
            justify="right" if right else "left",
            no_wrap=column not in {"file", "note"},
            overflow="fold" if column in {"file", "note"} else "ellipsis",
        )
    return table


def _plain(text: str, style: str = "") -> Text:
    """Text from elsewhere: no markup, and nothing that could steer a terminal."""
    return Text(printable(text), style=style)


def _needs_words(view: SessionView) -> bool:
    return bool(view.note or view.last_error or any(file.note for file in view.files))


def _masked(view: SessionView) -> str:
    """How many secrets of each type are masked in the copy."""
    types = ", ".join(f"{kind} {count:,}" for kind, count in sorted(view.masked.items()))
    total = counted(sum(view.masked.values()), "secret")
    return f"{short_id(view.id)}: {total} masked ({types})"


def _remark(view: SessionView) -> Text:
    """Why a session is not simply fine, in words."""
    error = f"{view.last_error} (since {view.last_error_at})" if view.last_error_at else ""
    reasons = [view.note, error or view.last_error]
    reasons += [f"{file.name}: {file.note}" for file in view.files if file.note][:3]
    text = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    return _plain(f"{short_id(view.id)}: {text}", "dim")


def short_id(external_id: str) -> str:
    """The first characters of an id, enough for a person."""
    return external_id[:8]


def size(count: int) -> str:
    """Bytes as a person reads them."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def age(stamp: str, now: datetime) -> str:
    """How long ago an RFC 3339 moment was."""
    try:
        passed = now - datetime.fromisoformat(stamp)
    except (ValueError, TypeError, OverflowError):  # no moment, or one without a zone
        return "-"
    seconds = max(0, int(passed / timedelta(seconds=1)))
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
