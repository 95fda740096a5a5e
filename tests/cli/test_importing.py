"""What is on disk is archived once, and what somebody else looks after is left to them."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from confab_sync.cli.importing import import_sessions, number_on_disk
from confab_sync.config import write_config
from confab_sync.daemon.settled import QUIET_SECONDS
from confab_sync.engine.registry_rescue import moved_aside
from confab_sync.errors import ConfabError, SessionNotFound
from confab_sync.presence import inbox, marker, notice, session
from confab_sync.store.store import Store
from tests.cli.archives import NOW, ONE, TWO, Home

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from confab_sync.engine.known import KnownSession

THREE = "33333333-4444-5555-6666-777777777777"


def aged(path: Path, seconds: float) -> Path:
    """A file that was last written to `seconds` ago."""
    stamp = NOW.timestamp() - seconds
    os.utime(path, (stamp, stamp))
    return path


def run(home: Home) -> Result:
    @click.command()
    def command() -> None:
        import_sessions(home.context)

    result = CliRunner().invoke(command, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result


def registered(home: Home, external_id: str = ONE) -> KnownSession:
    with closing(home.registry()) as registry:
        session = registry.session("claude-code", external_id)
    assert session is not None
    return session


def stored(home: Home, external_id: str = ONE) -> bytes:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        session_id = store.find_session(external_id).session_id
        return b"".join(store.read_file(session_id, f"{external_id}.jsonl"))


def left_over(home: Home) -> list[str]:
    return sorted(os.listdir(f"{home.paths.sync}/claude-code"))


def test_home_without_claude_code_has_no_transcripts(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.project.rmdir()
    home.project.parent.rmdir()
    assert number_on_disk(home.context) == 0
    assert "Imported 0 of 0 sessions, 0 lines." in run(home).output


def test_everything_is_archived_once_and_nothing_left_behind(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\ntwo\n", ONE)
    home.write(b"{}\n", TWO)
    home.write(b"agent\n", TWO, "subagents/agent-abcdef.jsonl")
    for _ in range(2):
        assert "Imported 2 of 2 sessions, 4 lines." in run(home).output
    assert stored(home) == b"one\ntwo\n"
    assert registered(home).finished
    assert left_over(home) == []


@pytest.mark.parametrize(
    ("age", "content"), [(QUIET_SECONDS + 1, b"one\n{}"), (QUIET_SECONDS - 1, b"one\n")]
)
def test_last_line_goes_when_nobody_has_written_for_a_while(
    tmp_path: Path, age: float, content: bytes
) -> None:
    home = Home(tmp_path)
    aged(home.write(b"one\n{}"), age)
    run(home)
    assert stored(home) == content


def test_sessions_with_a_daemon_or_kept_off_are_left_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in (ONE, TWO, THREE):
        home.write(b"one\n", name)
    marker.put(home.session(TWO).off, marker.DELETED)
    with home.locked(ONE):
        output = run(home).output
    assert "Imported 1 of 3 sessions, 1 line." in output
    assert "1 with a daemon" in output
    assert "1 deleted at the backend" in output
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        assert [session.external_id for session in store.sessions()] == [THREE]


def test_what_is_ignored_is_not_imported(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b'{"cwd": "/no/such/a"}\n{"cwd": "/no/such/secret/x"}\n')
    home.write(b'{"cwd": "/no/such/a"}\n', TWO)
    write_config(home.paths.config, {"ignore": ["/no/such/secret"]})
    output = run(home).output
    assert "Imported 1 of 2 sessions" in output
    assert "Left alone: 1 ignored: /no/such/secret." in output
    with pytest.raises(SessionNotFound):
        stored(home)
    assert stored(home, TWO)


def test_what_was_ignored_before_is_imported(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b'{"cwd": "/no/such/secret"}\n')
    marker.put(home.session().off, "ignored: /no/such/secret")
    assert "Imported 1 of 1 session," in run(home).output
    assert home.marker() is None


def test_while_paused_nothing_is_imported(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    write_config(home.paths.config, {"paused": {}})
    with pytest.raises(ConfabError, match="confab is paused; nothing is archived"):
        run(home)
    assert not os.path.exists(home.paths.store)


def test_session_that_cannot_be_locked_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    home = Home(tmp_path)
    aged(home.write(b"one\n", ONE), 10)
    home.write(b"two\n", TWO)
    os.mkdir(home.session(ONE).lock)
    output = run(home).output
    assert "Imported 1 of 2 sessions" in output
    assert f"confab: {ONE}: " in output
    assert stored(home, TWO) == b"two\n"


def test_unusable_configuration_stops_the_import_at_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in (ONE, TWO):
        home.write(b"one\n", name)
    (tmp_path / "confab" / "config.json").write_text('{"backend_url": 17}')
    with pytest.raises(ConfabError, match="backend_url"):
        run(home)
    assert not os.path.exists(home.paths.store)


def test_unusable_store_stops_the_import_after_a_few_sessions(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for number in range(10):
        home.write(b"one\n", f"{number}{ONE[1:]}")
    (tmp_path / "confab" / "store.db").write_bytes(b"no database " * 500)
    with pytest.raises(ConfabError, match=r"the import stopped: the store .* damaged"):
        run(home)
    assert left_over(home) == []


def test_damaged_registry_is_moved_aside_and_put_together_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for name in (ONE, TWO):
        home.write(b"one\n", name)
        home.archive(name)
    home.damage_the_registry()
    assert "Imported 2 of 2 sessions, 2 lines." in run(home).output
    assert registered(home).finished
    assert stored(home) == b"one\n"
    [aside] = moved_aside(home.paths.registry)
    assert notice.take(home.paths) == (
        f"confab: its registry was damaged and is now {aside}; a new one is being put together"
    )


def test_hook_that_came_meanwhile_gets_its_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import held the lock, so the hook could only leave a record."""
    home = Home(tmp_path)
    path = home.write(b"one\n")
    inbox.append(
        home.session().inbox,
        {"type": inbox.START, "transcript_path": str(path), "cwd": "/home/u/app"},
    )
    started: list[tuple[str, str]] = []

    def ensure(
        paths: object, *rest: object, transcript_path: str, cwd: str, **more: object
    ) -> bool:
        started.append((transcript_path, cwd))
        return True

    monkeypatch.setattr(session, "ensure_daemon", ensure)
    run(home)
    assert started == [(str(path), "/home/u/app")]
    assert len(home.records()) == 1
