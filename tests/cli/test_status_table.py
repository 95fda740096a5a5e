"""The table fits the terminal and nothing in it can steer one."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from confab_sync.cli.screen import console
from confab_sync.cli.status_table import (
    END_OF_PAUSE,
    NOT_MASKED,
    NOTHING,
    WIDE,
    age,
    is_wide,
    render,
    size,
)
from confab_sync.cli.views import FileView, Overview, SessionView
from confab_sync.cli.wording import in_local_time
from tests.cli.archives import NOW, ONE

VIEW = SessionView(
    id=ONE,
    project="/home/u/projects/confab",
    phase="syncing",
    running=True,
    connection="online",
    backend="embedded",
    pid=1234,
    lines=12345,
    bytes=6_789_012,
    behind_bytes=345,
    since="2026-03-01T11:58:00Z",
)
HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\r\n\u202e[red]\udcff"


def shown(overview: Overview, *, width: int = 80, detailed: bool = False) -> str:
    """What a terminal of `width` columns would get."""
    out = io.StringIO()
    screen = Console(file=out, width=width, force_terminal=False, highlight=False)
    screen.print(render(overview, detailed=detailed, now=NOW, wide=width >= WIDE))
    return out.getvalue()


@pytest.mark.parametrize("detailed", [False, True])
def test_nothing_at_all_is_one_clear_sentence(detailed: bool) -> None:
    assert shown(Overview(), detailed=detailed).strip() == NOTHING


@pytest.mark.parametrize("width", [80, 200])
def test_session_is_one_row(width: int) -> None:
    head, row = shown(Overview((VIEW,)), width=width).splitlines()
    assert head.split() == [
        *("session", "project", "phase", "backend", "lines", "archived", "behind", "since")
    ]
    place = "confab" if width == 80 else "/home/u/projects/confab"
    assert row.split() == [
        *("11111111", place, "syncing", "online", "12,345", "6.8", "MB", "345", "B", "2", "min")
    ]


@pytest.mark.parametrize("width", [40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    long = SessionView(
        id="x" * 40,
        project="/home/" + "p" * 300,
        phase="unfinished",
        connection="connecting",
        lines=10**12,
        bytes=10**15,
        behind_bytes=10**12,
        since="2020-01-01T00:00:00Z",
        note="n" * 300,
        files=(FileView("f" * 300, "workflow_journal", 10**9, 10**12, 10**9, "o" * 300),),
    )
    text = shown(Overview((VIEW, long), ("p" * 300,)), width=width, detailed=True)
    assert max(map(cell_len, text.splitlines())) <= width


def test_what_is_remarkable_is_said_in_words() -> None:
    view = SessionView(
        id=ONE,
        project="",
        phase="off",
        note="stays off (stopped by the user)",
        last_error="the store is locked",
        last_error_at="2026-03-01T11:00:00Z",
        files=(FileView("a.jsonl", "transcript", 1, 2, 3, "ends in an unfinished line"),),
    )
    assert shown(Overview((view,)), width=300).splitlines()[-1].rstrip() == (
        "11111111: stays off (stopped by the user); the store is locked"
        " (since 2026-03-01T11:00:00Z); a.jsonl: ends in an unfinished line"
    )


def test_files_are_listed_in_detail_only_when_asked_for() -> None:
    view = SessionView(
        id=ONE,
        project="",
        phase="resting",
        files=(FileView("agent-abc.jsonl", "agent", 3, 1500, 0),),
        files_omitted=1234,
    )
    assert "agent-abc.jsonl" not in shown(Overview((view,)))
    detailed = shown(Overview((view,)), detailed=True)
    rows = [line.split() for line in detailed.splitlines()]
    assert ["agent-abc.jsonl", "agent", "3", "1.5", "kB", "0", "B"] in rows
    assert "… and 1,234 more" in detailed


def test_problems_are_told_with_and_without_sessions() -> None:
    assert shown(Overview((), ("no registry",))).strip() == "no registry"
    assert shown(Overview((VIEW,), ("no registry",))).splitlines()[-1].strip() == "no registry"


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize("width", [80, 200])
def test_hostile_text_reaches_no_terminal_as_it_is(detailed: bool, width: int) -> None:
    file = FileView(HOSTILE, HOSTILE, 1, 2, 3, HOSTILE)
    view = SessionView(
        id=HOSTILE,
        project=HOSTILE,
        phase=HOSTILE,
        connection=HOSTILE,
        backend=HOSTILE,
        note=HOSTILE,
        last_error=HOSTILE,
        last_error_at=HOSTILE,
        since=HOSTILE,
        files=(file,),
    )
    text = shown(Overview((view,), (HOSTILE,)), detailed=detailed, width=width)
    assert all(character.isprintable() for character in text.replace("\n", ""))
    assert "\\x1b" in text
    assert "[red]" in text, "markup is text like any other"


@given(st.text(), st.text())
def test_any_text_can_be_shown(one: str, other: str) -> None:
    view = SessionView(one, other, one, note=other, files=(FileView(other, one, 0, 0, 0, one),))
    assert shown(Overview((view,)), detailed=True).count("\n") >= 2


@pytest.mark.parametrize(("terminal", "colour"), [("", True), ("1", False)])
def test_no_color_is_respected(
    monkeypatch: pytest.MonkeyPatch, terminal: str, colour: bool
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", terminal)
    out = io.StringIO()
    screen = Console(file=out, width=80, force_terminal=True)
    screen.print(render(Overview((VIEW,)), detailed=False, now=NOW, wide=False))
    assert ("\x1b[32m" in out.getvalue()) == colour


def test_pipe_has_no_width() -> None:
    assert console().width == 10_000
    assert not is_wide(console())


@pytest.mark.parametrize(("width", "wide"), [(WIDE - 1, False), (WIDE, True)])
def test_wide_terminal_shows_paths(width: int, wide: bool) -> None:
    assert is_wide(Console(file=io.StringIO(), width=width, force_terminal=True)) == wide


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (1_500_000_000, "1.5 GB"),
        (2_000_000_000_000, "2.0 TB"),
    ],
)
def test_sizes_are_readable(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("passed", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=23), "23 h"),
        (timedelta(days=3, hours=5), "3 d"),
    ],
)
def test_ages_are_readable(passed: timedelta, text: str) -> None:
    assert age((NOW - passed).isoformat(), NOW) == text


@pytest.mark.parametrize("stamp", ["", "yesterday", "2026-03-01", "2026-03-01T11:00:00"])
def test_moment_that_is_none_has_no_age(stamp: str) -> None:
    assert age(stamp, NOW) == "-"


def test_masked_secrets_are_counted_where_one_session_is_looked_at() -> None:
    view = replace(VIEW, masked={"JWT": 1, "API_KEY": 1200})
    assert "masked" not in shown(Overview((view,)))
    assert "1,201 secrets masked (API_KEY 1,200, JWT 1)" in shown(Overview((view,)), detailed=True)
    one = replace(VIEW, masked={"JWT": 1})
    assert "1 secret masked (JWT 1)" in shown(Overview((one,)), detailed=True)


@pytest.mark.parametrize("views", [(), (VIEW,)])
def test_masking_that_is_switched_off_is_always_said(views: tuple[SessionView, ...]) -> None:
    assert NOT_MASKED in shown(Overview(views, masking="off"))
    assert NOT_MASKED not in shown(Overview(views, masking="on"))


@pytest.mark.parametrize("views", [(), (VIEW,)])
def test_a_pause_is_said_first(views: tuple[SessionView, ...]) -> None:
    until = "paused until 2026-03-01T14:00:00Z"
    first = shown(Overview(views, paused=until), width=200).splitlines()[0]
    assert first.strip() == f"P{in_local_time(until)[1:]}: nothing is copied. {END_OF_PAUSE}"
    assert END_OF_PAUSE not in shown(Overview(views))
