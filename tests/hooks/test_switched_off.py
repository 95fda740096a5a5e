from __future__ import annotations

import os

import pytest

from confab_sync.presence import lock, marker
from tests.daemons import daemon_of
from tests.hooks.home import Home


def switched_off(home: Home, hook: str) -> None:
    home.environ["CONFAB_DISABLED"] = "1"
    home.run(hook)
    del home.environ["CONFAB_DISABLED"]


@pytest.mark.parametrize("hook", ["session-start", "user-prompt-submit", "session-end"])
def test_the_session_is_kept_off_until_it_is_opened_without_that(home: Home, hook: str) -> None:
    switched_off(home, hook)
    home.run("user-prompt-submit")
    assert os.listdir(home.paths().directory) == ["s.off"]
    assert marker.reason(home.paths().off) == marker.DISABLED
    home.run("session-start")
    assert marker.reason(home.paths().off) is None
    assert lock.is_held(home.paths().lock)


def test_the_daemon_of_another_claude_code_goes_on(home: Home) -> None:
    home.run("session-start")
    daemon = daemon_of(home.paths())
    switched_off(home, "user-prompt-submit")
    assert marker.reason(home.paths().off) is None
    assert daemon_of(home.paths()) == daemon
    assert home.kinds() == ["session_start"]


def test_what_stays_off_for_another_reason_keeps_it(home: Home) -> None:
    marker.put(home.paths().off, marker.DELETED)
    switched_off(home, "session-start")
    assert marker.reason(home.paths().off) == marker.DELETED
