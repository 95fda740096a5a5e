"""When Claude Code deletes a transcript is what its settings say, or thirty days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.retention import Retention, cleanup_days

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("settings", "days"),
    [
        (None, 30),
        ("{}", 30),
        ("[]", 30),
        ("{", 30),
        ('{"cleanupPeriodDays": 5}', 5),
        ('{"cleanupPeriodDays": 0}', 1),
        ('{"cleanupPeriodDays": "5"}', 30),
        ('{"cleanupPeriodDays": true}', 30),
        ('\ufeff{"cleanupPeriodDays": 99999}', 99999),
    ],
)
def test_days_are_what_the_settings_say(tmp_path: Path, settings: str | None, days: int) -> None:
    if settings is not None:
        (tmp_path / "settings.json").write_text(settings)
    assert cleanup_days(str(tmp_path)) == days


def test_deadline_counts_from_the_last_write_by_the_settings_of_its_own_directory(
    tmp_path: Path,
) -> None:
    (tmp_path / "settings.json").write_text('{"cleanupPeriodDays": 2}')
    retention = Retention()
    path = str(tmp_path / "projects" / "p" / "one.jsonl")
    assert retention.deadline(path, 1000.0) == 1000.0 + 2 * 86400
    assert retention.deadline("/elsewhere/projects/p/one.jsonl", 0.0) == 30 * 86400
