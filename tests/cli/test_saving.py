"""What is said of sessions that were saved by hand is true, also of those that were not."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.saving import Savings, lines_of_all, machine_of, save_sessions, tell
from confab_sync.config import write_config
from confab_sync.daemon.finishing import Fate, Finished
from confab_sync.daemon.unfinished import every
from confab_sync.errors import BackendUnavailable, ConfabError
from confab_sync.presence import lock
from tests.cli.archives import ONE, TWO, Home
from tests.cli.test_stopping import Clock

if TYPE_CHECKING:
    from pathlib import Path

    from confab_sync.daemon.candidate import Candidate


def candidates(home: Home) -> list[Candidate]:
    return every(machine_of(home.context), lambda _: None)


def save(home: Home, patience: float = 0.0, clock: Clock | None = None) -> Savings:
    clock = clock or Clock()
    return save_sessions(
        home.context,
        candidates(home),
        label="",
        patience=patience,
        silent=True,
        clock=clock,
        pause=clock.pause,
    )


def two(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.write(b"one\n", ONE)
    home.write(b"two\n", TWO)
    return home


def test_everything_is_saved_and_counted(tmp_path: Path) -> None:
    savings = save(two(tmp_path))
    assert savings.is_complete
    assert savings.count(Fate.ARCHIVED) == 2
    assert [each.lines for each in savings.results.values()] == [1, 1]


def test_nothing_is_saved_in_a_pause(tmp_path: Path) -> None:
    home = two(tmp_path)
    write_config(home.paths.config, {"paused": {}})
    with pytest.raises(ConfabError, match="paused; nothing is archived before `confab resume`"):
        save(home)


def test_daemons_have_the_patience_together_and_not_each(tmp_path: Path) -> None:
    home = two(tmp_path)
    clock = Clock()
    with home.locked(ONE), home.locked(TWO):
        savings = save(home, 10.0, clock)
    assert 10.0 <= clock.now < 11.0
    assert savings.count(Fate.LEFT) == 2
    assert not savings.is_complete


def test_daemon_that_leaves_in_time_is_followed(tmp_path: Path) -> None:
    home = two(tmp_path)
    held = lock.take(home.session(ONE).lock)
    assert held is not None
    with open(held, "rb") as daemon:

        class Leaving(Clock):
            def pause(self, seconds: float) -> None:
                daemon.close()
                super().pause(seconds)

        savings = save(home, 10.0, Leaving())
    assert savings.is_complete


def test_what_was_not_tried_since_the_backend_is_down_is_not_called_saved(tmp_path: Path) -> None:
    home = two(tmp_path)
    write_config(home.paths.config, {"backend_url": "http://127.0.0.1:9", "api_key": "k"})
    savings = save(home, 10.0)
    assert (savings.count(Fate.FAILED), savings.not_tried) == (1, 1)
    assert isinstance(savings.trouble, BackendUnavailable)
    assert not savings.is_complete


def test_session_is_whole_only_while_nothing_of_it_waits(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert lines_of_all(home.context, ONE) is None
    path = home.write(b"one\n")
    home.archive()
    assert lines_of_all(home.context, ONE) == 1
    path.write_bytes(b"one\ntwo\n")
    assert lines_of_all(home.context, ONE) is None


def test_what_the_registry_cannot_say_is_complained_about_once(tmp_path: Path) -> None:
    home = two(tmp_path)
    with closing(home.registry()):
        pass
    found = candidates(home)
    home.damage_the_registry()
    (home.directory / "confab" / "registry.db").unlink()
    (home.directory / "confab" / "registry.db").mkdir()
    savings = save_sessions(home.context, found, label="", silent=True)
    assert savings.count(Fate.ARCHIVED) == 2
    assert len(savings.complaints) == 1


def test_what_came_of_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    results = [
        Finished("a", Fate.ARCHIVED, 1000),
        Finished("b", Fate.ARCHIVED, 500, behind=7),
        Finished("c", Fate.FAILED, 99, error=ConfabError("it \x1b[2Jbroke")),
        Finished("d", Fate.LEFT),
        Finished("e", Fate.OFF, reason="ignored: /x"),
    ]
    savings = Savings({each.external_id: each for each in results}, {"odd": None}, not_tried=1)
    tell(savings, 6, "Saved")
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "Saved 2 of 6 sessions, 1,500 lines.",
        "Left alone: 1 with a daemon, 1 ignored: /x.",
        "Not tried: 1, since the backend takes nothing now.",
    ]
    assert said.err.splitlines() == [
        "confab: b: 7 bytes of an unfinished line wait for its end",
        "confab: c: it \\x1b[2Jbroke",
        "confab: odd",
    ]
