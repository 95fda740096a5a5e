"""The daemon's times."""

from __future__ import annotations

import pytest

from confab_sync.daemon.settings import Settings


def test_the_defaults_are_the_specification_s() -> None:
    settings = Settings.from_environ({})
    assert (settings.interval, settings.jitter, settings.shutdown_budget) == (30, 5, 30)


def test_the_environment_changes_them_in_milliseconds() -> None:
    environ = {"CONFAB_SYNC_INTERVAL_MS": "1500", "CONFAB_SYNC_JITTER_MS": "0"}
    settings = Settings.from_environ(environ)
    assert (settings.interval, settings.jitter) == (1.5, 0)


@pytest.mark.parametrize("text", ["", "0", "-5", "3600001", "1.5", "many", "²", "1e3"])
def test_what_is_out_of_range_is_passed_over(text: str) -> None:
    assert Settings.from_environ({"CONFAB_SYNC_INTERVAL_MS": text}).interval == 30
