"""A pause, as a person begins and ends it."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from confab_sync.cli.context import Context
from confab_sync.cli.living import is_held
from confab_sync.cli.pause import pause, resume
from confab_sync.cli.wording import in_local_time
from confab_sync.errors import ConfigError, UsageError
from confab_sync.presence import due, inbox, marker
from confab_sync.presence.life import fold
from confab_sync.process import Identity, identify, this_platform
from tests.cli.archives import NOW
from tests.cli.homes import Home, home
from tests.hooks.home import Home as Hooks
from tests.hooks.home import home_in


def at(here: Home, hours: float = 0) -> Home:
    """The same home, some time later."""
    context = here.context
    return Home(
        here.root, Context(context.environ, context.paths, lambda: NOW + timedelta(hours=hours))
    )


def paused(here: Home) -> Any:
    return json.loads((here.confab / "config.json").read_text()).get("paused")


def test_a_pause_begins_and_says_what_it_means(tmp_path: Path) -> None:
    here = at(home(tmp_path))
    said = here.run(pause).output
    assert said.startswith("Paused until you run `confab resume`: nothing is copied.\n")
    assert "What is written meanwhile is copied afterwards" in said
    assert "`confab ignore PATH`" in said
    assert paused(here) == {"since": "2026-03-01T12:00:00Z", "until": None}


@pytest.mark.parametrize(
    ("length", "until"),
    [
        ("30m", "2026-03-01T12:30:00Z"),
        ("2h", "2026-03-01T14:00:00Z"),
        ("1D", "2026-03-02T12:00:00Z"),
        ("1w", "2026-03-08T12:00:00Z"),
    ],
)
def test_a_pause_may_end_by_itself(tmp_path: Path, length: str, until: str) -> None:
    here = at(home(tmp_path))
    told = in_local_time(until)
    assert "Z" not in told
    assert f"Paused until {told}: nothing" in here.run(pause, "--for", length).output
    assert paused(here)["until"] == until


@pytest.mark.parametrize("length", ["", "0h", "2", "h", "-1h", "2y", "1.5h", "999999999w"])
def test_what_is_no_length_begins_no_pause(tmp_path: Path, length: str) -> None:
    here = at(home(tmp_path))
    with pytest.raises(UsageError):
        here.run(pause, "--for", length)
    assert not (here.confab / "config.json").exists()


def test_a_pause_that_is_prolonged_keeps_its_beginning(tmp_path: Path) -> None:
    here = home(tmp_path)
    at(here).run(pause, "--for", "2h")
    at(here, 1).run(pause)
    assert paused(here) == {"since": "2026-03-01T12:00:00Z", "until": None}


def test_a_pause_after_one_that_ran_out_is_a_new_one(tmp_path: Path) -> None:
    here = home(tmp_path)
    at(here).run(pause, "--for", "2h")
    at(here, 3).run(pause)
    assert paused(here)["since"] == "2026-03-01T15:00:00Z"


def test_a_pause_ends_when_it_is_told_to(tmp_path: Path) -> None:
    here = home(tmp_path)
    at(here).run(pause)
    said = at(here, 1).run(resume).output
    assert said.startswith("The pause is over.\nSessions go on with their next prompt; ")
    assert paused(here) is None


def test_end_of_a_pause_has_ended_sessions_finished_at_once(tmp_path: Path) -> None:
    """Though no hook told of any of them, so that there is no marker."""
    here = home(tmp_path)
    at(here).run(pause)
    place = here.context.paths.finisher.due
    due.put_off(place, NOW.timestamp() + 6 * 3600)
    at(here, 1).run(resume)
    assert due.is_due(place, NOW.timestamp() + 3600)


def test_without_a_pause_there_is_nothing_to_end(tmp_path: Path) -> None:
    here = home(tmp_path)
    assert at(here).run(resume).output == "There was no pause.\n"
    assert not here.confab.exists()


def test_a_pause_that_ran_out_is_tidied_away(tmp_path: Path) -> None:
    here = home(tmp_path)
    at(here).run(pause, "--for", "2h")
    assert at(here, 3).run(resume).output == "There was no pause.\n"
    assert paused(here) is None


def test_a_setting_that_nobody_can_read_is_not_overwritten(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    (here.confab / "config.json").write_text('{"paused": true}')
    for command in (pause, resume):
        with pytest.raises(ConfigError, match="paused should be an object"):
            here.run(command)
    assert paused(here) is True


def opened(here: Home, hooks: Hooks, session_id: str = "s") -> None:
    hooks.environ["CONFAB_HOME"] = str(here.confab)
    transcript = Path(hooks.transcript(session_id))
    transcript.parent.mkdir(parents=True, exist_ok=True)
    transcript.write_text(json.dumps({"cwd": str(here.root)}) + "\n")
    hooks.run("session-start", session_id=session_id)


def myself() -> Identity:
    me = identify(this_platform(), os.getpid())
    assert me is not None
    return me


def test_living_sessions_leave_and_come_back(tmp_path: Path) -> None:
    """Real daemons; this process plays Claude Code, which lives on."""
    here = home(tmp_path)
    with home_in(here.root) as hooks:
        opened(here, hooks)
        assert "Stopped: 1 background process.\n" in here.run(pause).output
        paths = hooks.paths()
        assert not is_held(paths)
        assert not os.path.exists(paths.inbox)
        assert (marker.reason(paths.off), marker.parents(paths.off)) == ("paused", {myself()})
        said = here.run(resume).output
        assert "Copied again from now on: 1 session.\n" in said
        assert marker.reason(paths.off) is None
        life = fold(inbox.read(paths.inbox)[0])
        assert life.parents == {myself()}
        assert (life.transcript_path, life.cwd) == (hooks.transcript(), str(here.root))
        assert is_held(paths)


def test_a_session_that_began_in_the_pause_is_taken_up_too(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.run(pause)
    with home_in(here.root) as hooks:
        opened(here, hooks)
        assert not is_held(hooks.paths())
        here.run(resume)
        assert is_held(hooks.paths())


def test_of_a_session_that_has_ended_only_the_marker_goes(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.run(pause)
    with home_in(here.root) as hooks:
        opened(here, hooks)
        hooks.run("session-end")
        assert "Copied again" not in here.run(resume).output
        assert os.listdir(hooks.paths().directory) == []


def test_a_session_that_is_ignored_by_now_is_not_taken_up(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.run(pause)
    with home_in(here.root) as hooks:
        opened(here, hooks)
        (here.root / ".confabignore").touch()
        assert "Copied again" not in here.run(resume).output
        assert not is_held(hooks.paths())
        assert (marker.reason(hooks.paths().off) or "").startswith("ignored: .confabignore in")


def test_other_markers_are_left_alone(tmp_path: Path) -> None:
    here = home(tmp_path)
    marker.put(here.context.paths.session("s").off, marker.DELETED)
    here.run(pause)
    here.run(resume)
    assert marker.reason(here.context.paths.session("s").off) == marker.DELETED
