"""How `confab sync status` looks in a terminal."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from confab_sync.cli.overview import ARCHIVED, UNFINISHED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from confab_sync.cli.overview import SessionView

STYLES = {"syncing": "green", "resting": "green", "stopping": "yellow", UNFINISHED: "yellow"}
WIDE = 100
"""Columns from which paths are shown instead of the names of projects."""


def console() -> Console:
    """A console that keeps to the terminal's width, pipes and `NO_COLOR`."""
    return Console(highlight=False, soft_wrap=False)


def render(views: Sequence[SessionView], *, detailed: bool, now: datetime) -> RenderableType:
    """The whole picture: a table, or one clear sentence when there is nothing to show."""
    if not views:
        return Text("Nothing to archive: no Claude Code session is running and none is unfinished.")
    parts: list[RenderableType] = [_sessions(views, now)]
    parts += [_remark(view) for view in views if view.last_error or _needs_words(view)]
    if detailed:
        parts += [Text(), *(_files(view) for view in views)]
    return Group(*parts)


def _sessions(views: Sequence[SessionView], now: datetime) -> Table:
    table = _table("session", "project", "phase", "backend", ">lines", ">archived", ">behind")
    table.add_column("since", justify="right", no_wrap=True)
    for view in views:
        table.add_row(
            short_id(view.id),
            Text(os.path.basename(view.project.rstrip("/")) or "-", overflow="ellipsis"),
            Text(view.phase, style=STYLES.get(view.phase, "dim" if view.phase == ARCHIVED else "")),
            Text(view.connection or view.backend or "-"),
            f"{view.lines:,}",
            size(view.bytes),
            Text(size(view.behind_bytes), style="yellow" if view.behind_bytes else ""),
            age(view.since, now),
        )
    return table


def _files(view: SessionView) -> Table:
    table = _table("file", "kind", ">lines", ">archived", ">behind", "note")
    for file in view.files:
        table.add_row(
            file.name, file.kind, f"{file.lines:,}", size(file.bytes), size(file.behind_bytes),
            file.note,
        )  # fmt: skip
    if view.files_omitted:
        table.add_row(f"… and {view.files_omitted:,} more", "", "", "", "", "")
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


def _needs_words(view: SessionView) -> bool:
    return bool(view.note) or any(file.note for file in view.files)


def _remark(view: SessionView) -> Text:
    """Why a session is not simply fine, in words."""
    reasons = [view.note, view.last_error]
    reasons += [f"{file.name}: {file.note}" for file in view.files if file.note][:3]
    text = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
    return Text(f"{short_id(view.id)}: {text}", style="dim")


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
    except ValueError:
        return "-"
    seconds = max(0, int(passed / timedelta(seconds=1)))
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
