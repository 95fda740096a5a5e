"""The wait at the end is what the user wants, and never longer than Claude Code allows."""

from __future__ import annotations

import pytest

from confab_sync.claude.end_wait import MARGIN, allowed, seconds, timeout_for


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20s", 20.0),
        ("1500ms", 1.5),
        ("2m", 120.0),
        ("1h", 3600.0),
        ("20", 20.0),
        ("0.5s", 0.5),
        ("", None),
        ("soon", None),
        ("-1s", None),
        ("1.2.3s", None),
        ("s", None),
        ("٣s", None),
    ],
)
def test_durations_are_a_number_and_a_unit(text: str, meant: float | None) -> None:
    assert seconds(text) == meant


@pytest.mark.parametrize(
    ("wanted", "claudes", "arguments", "wait"),
    [
        ("20s", "", [], 5 - MARGIN),
        ("20s", "", ["session-end", "--timeout=22"], 20.0),
        ("20s", "", ["--timeout=10"], 10 - MARGIN),
        ("10m", "", ["--timeout=600"], 60 - MARGIN),
        ("20s", "500", ["--timeout=22"], 0.0),
        ("20s", "9000", ["--timeout=22"], 9 - MARGIN),
        ("2s", "", [], 2.0),
        ("soon", "", [], 0.0),
        ("20s", "x", ["--timeout=x"], 5 - MARGIN),
    ],
)
def test_wait_stays_within_every_limit(
    wanted: str, claudes: str, arguments: list[str], wait: float
) -> None:
    environ = {
        "CONFAB_WAIT_AT_END": wanted,
        "CLAUDE_CODE_SESSIONEND_HOOKS_TIMEOUT_MS": claudes,
    }
    assert allowed(environ, arguments) == wait


@pytest.mark.parametrize("wait", [0.5, 3.0, 4.0, 20.0, 58.5])
def test_entry_that_setup_writes_allows_the_wait(wait: float) -> None:
    environ = {"CONFAB_WAIT_AT_END": f"{wait}s"}
    assert allowed(environ, [f"--timeout={timeout_for(wait)}"]) == wait
