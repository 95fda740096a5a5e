"""What is deleted before it is archived, and which Claude Code wrote it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confab_sync.cli.checks.sessions import checks
from confab_sync.presence import due, marker
from tests.cli.archives import NOW, ONE, TWO, Home
from tests.cli.checks.finding import none, one

DAY = 86400


def written(home: Home, days_ago: float, data: bytes = b"one\n", name: str = ONE) -> None:
    path = home.write(data, name)
    moment = NOW.timestamp() - days_ago * DAY
    os.utime(path, (moment, moment))


def test_what_is_archived_is_fine(tmp_path: Path) -> None:
    home = Home(tmp_path)
    written(home, 40)
    home.archive()
    assert one(checks(home.context), "deletion").verdict == "ok"


@pytest.mark.parametrize(
    ("days_ago", "verdict", "when"),
    [(31, "fail", "any time now"), (25, "warn", "in 5 days"), (3, "warn", "within a week")],
)
def test_what_was_never_archived_is_told_with_when_it_goes(
    tmp_path: Path, days_ago: float, verdict: str, when: str
) -> None:
    home = Home(tmp_path)
    written(home, days_ago)
    found = one(checks(home.context), "deletion")
    assert found.verdict == verdict
    assert when in found.found
    assert found.remedy == "confab save --all"


def test_what_is_only_partly_archived_is_told_as_well(tmp_path: Path) -> None:
    home = Home(tmp_path)
    written(home, 29)
    home.archive(settled=False)
    written(home, 29, b"one\ntwo and more\n")
    found = one(checks(home.context), "deletion")
    assert "13 bytes" in found.found
    assert found.verdict == "warn"


def test_what_the_user_does_not_want_to_be_copied_is_no_loss(tmp_path: Path) -> None:
    home = Home(tmp_path)
    written(home, 31)
    marker.put(home.session(ONE).off, "ignored: /home/u/app")
    assert one(checks(home.context), "deletion").verdict == "ok"


def test_what_was_there_before_and_was_not_wanted_is_no_loss(tmp_path: Path) -> None:
    home = Home(tmp_path)
    written(home, 31)
    due.put_off(home.paths.finisher.since, NOW.timestamp() - DAY)
    assert one(checks(home.context), "deletion").verdict == "ok"


def test_an_unknown_claude_code_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    written(home, 1, b'{"version":"3.0.0"}\n')
    written(home, 1, b'{"version":"2.1.328"}\n', TWO)
    found = one(checks(home.context), "Claude Code")
    assert found.verdict == "warn"
    assert found.found.startswith("3.0.0 wrote")


def test_a_known_claude_code_is_fine_and_none_is_not_asked_for(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert none(checks(home.context), "Claude Code")
    written(home, 1, b'{"version":"2.1.330"}\n')
    assert one(checks(home.context), "Claude Code").verdict == "ok"


def test_broken_settings_are_not_told_of_twice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    Path(home.paths.config).write_text("{")
    assert list(checks(home.context)) == []
