"""What goes wrong around a daemon, and odd content in its files: nothing is lost."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.faults.standstill import until_small
from integration.home import Home
from integration.mounts import in_memory
from integration.session import Session, process_exists
from integration.waiting import until

ODD_LINES = {
    "crlf": b'{"a":1}\r\n{"b":2}\r\n',
    "nul_run": b'{"type":"user"' + b"\0" * 5000 + b'\n{"b":2}\n',
    "invalid_utf8": b'{"type":"user","message":{"content":"\xff\xfe"}}\n',
    "lone_surrogate": b'{"type":"user","message":{"content":"\\ud800"}}\n',
    "empty_lines": b'\n\n\n{"a":1}\n\n',
    "not_json": b"this is no JSON\n{broken\n",
    "glued": b'{"type":"user","a":1}{"type":"user","b":2}\n',
    "torn_in_the_middle": b'{"type":"user","message":{"content":"torn\n{"b":2}\n',
    "only_newlines": b"\n" * 1000,
}


@pytest.fixture
def small_disk(ready: Home) -> Iterator[Path]:
    """A file system of four megabytes in the place of the store and of `~/.confab`."""
    with in_memory(ready, "small", "size=4m") as place:
        yield place


def finish(session: Session) -> None:
    session.end()
    session.until_gone()
    session.assert_archived()


@pytest.mark.parametrize("name", sorted(ODD_LINES))
def test_lines_of_any_content_arrive_as_they_are(session: Session, name: str) -> None:
    session.start()
    session.write(ODD_LINES[name])
    session.until_archived(1)
    finish(session)


def test_a_line_of_25_megabytes(session: Session) -> None:
    session.start()
    session.write(b'{"a":"' + random.Random(1).randbytes(12_500_000).hex().encode() + b'"}\n')
    session.write(lines=2)
    session.until_archived(3)
    finish(session)


def test_an_empty_transcript(session: Session) -> None:
    session.start()
    session.write(b"")
    session.end()
    session.until_gone()
    assert session.home.status() == []


def test_a_partial_line_is_completed_later_with_restarts_between(session: Session) -> None:
    session.start()
    session.write(b'{"first":1}\n{"second":')
    session.until_archived(1)
    session.home.confab("sync", "stop", session.id, "--wait")
    session.start(source="resume")
    session.write(b"2")
    until(lambda: (session.state or {}).get("behind_bytes") == 11, "the partial line is seen")
    session.write(b"}\n")
    session.until_archived(2)
    finish(session)


def test_a_whole_last_line_without_newline_arrives_and_may_get_its_newline(
    session: Session,
) -> None:
    session.start()
    session.write(b'{"first":1}\n{"last":2}')
    finish(session)
    session.start(source="resume")
    session.write(b'\n{"resumed":3}\n')
    session.until_archived(3)
    finish(session)


def test_a_removed_transcript_keeps_its_copy(session: Session) -> None:
    session.begin()
    before = session.local()
    session.transcript.unlink()
    session.end()
    session.until_gone()
    assert session.download() == before


def test_a_symlink_in_place_of_the_transcript_is_not_followed(session: Session) -> None:
    secret = session.home.path / "secret"
    secret.write_text('{"secret":1}\n')
    session.transcript.parent.mkdir(parents=True)
    session.transcript.symlink_to(secret)
    session.start()
    session.end()
    session.until_gone()
    listed = session.home.confab("session", "list-files", session.id, check=False)
    assert listed.returncode == 3


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'{"pid":"x","phase":5,"files":7}', b"\xff"]
)
def test_a_spoiled_state_is_written_anew(session: Session, content: bytes) -> None:
    session.begin()
    session.state_file.write_bytes(content)
    session.home.confab("sync", "status")
    session.write()
    session.until_archived(10)
    finish(session)


def test_a_state_that_is_lost_at_rest_names_its_daemon_again(
    new_session: Callable[..., Session],
) -> None:
    session = new_session(CONFAB_REST_AFTER_MS="50")
    session.begin()
    session.until_phase("resting")
    until_small(session)
    daemon = (session.state or {})["daemon"]
    session.state_file.unlink()
    session.write()
    session.until_archived(10)
    until(lambda: (session.state or {}).get("daemon") == daemon, "hooks can wake the daemon again")
    finish(session)


def test_rubbish_in_the_inbox_is_passed_over(session: Session) -> None:
    session.begin()
    inbox = session.state_file.with_suffix(".inbox.jsonl")
    with inbox.open("ab") as file:
        file.write(b'\xff\xfe\n{"type":7}\n[]\n{"type":"session_end","parent":"nobody"\nnull\n{"ty')
    session.write()
    session.until_archived(10)
    finish(session)


def test_a_store_that_is_none_is_named_and_nothing_is_lost(session: Session) -> None:
    store = session.home.path / ".local" / "share" / "confab" / "store.db"
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_bytes(b"this is no database" * 100)
    session.start()
    session.write()
    until(lambda: (session.state or {}).get("connection") == "offline", "the trouble is shown")
    assert "damaged" in session.home.confab("sync", "status").stdout
    store.unlink()
    session.until_archived(5)
    finish(session)


def test_a_full_disk_under_the_store_holds_lines_back_until_there_is_space(
    small_disk: Path, ready: Home
) -> None:
    session = Session(ready, {"XDG_DATA_HOME": str(small_disk)})
    try:
        session.begin()
        fill(small_disk)
        session.write(noise())
        until(lambda: (session.state or {}).get("connection") == "offline", "the disk is full")
        assert "disk is full" in str((session.state or {}).get("last_error"))
        (small_disk / "filler").unlink()
        session.until_archived(6)
        session.end()
        session.until_gone()
        assert copy_of(session) == session.transcript.read_bytes()
    finally:
        session.kill_client()


def test_a_full_disk_under_everything_loses_nothing(small_disk: Path, ready: Home) -> None:
    session = Session(ready, {"CONFAB_HOME": str(small_disk)})
    state = small_disk / "sync" / "claude-code" / session.state_file.name
    try:
        session.start()
        session.write()
        until(lambda: b'"online"' in state.read_bytes(), "the first lines are archived")
        fill(small_disk)
        whole = session.transcript.read_bytes()
        session.write(noise())
        assert session.prompt() == {"continue": True, "suppressOutput": True}
        assert session.end() == {"continue": True, "suppressOutput": True}
        assert copy_of(session) == whole  # the fault was there: the last line did not fit
        (small_disk / "filler").unlink()
        session.start(source="resume")
        session.end()
        until(lambda: not state.exists(), "the daemon has left")
        assert copy_of(session) == session.transcript.read_bytes()
    finally:
        session.kill_client()


def test_a_full_disk_under_everything_but_the_store_keeps_no_line_from_it(home: Home) -> None:
    with in_memory(home, ".confab", "size=2m") as disk:
        home.confab("setup", "--no-import")
        session = Session(home)
        try:
            session.begin()
            pid = session.daemon_pid
            fill(disk)
            session.write()
            assert session.prompt() == {"continue": True, "suppressOutput": True}
            until(lambda: session.download() == session.local(), "the lines are archived")
            assert session.end() == {"continue": True, "suppressOutput": True}
            session.write()
            session.kill_client()
            until(lambda: not process_exists(pid), "the daemon has left")
            session.assert_archived()
        finally:
            session.kill_client()
        (disk / "filler").unlink()
        other = Session(home)
        try:
            other.start()
            session.until_gone()
            until(
                lambda: (home.status_of(session.id, "--all") or {}).get("lines") == 15,
                "the registry knows of all lines",
            )
        finally:
            other.kill_client()


def fill(disk: Path) -> None:
    """Write until nothing more goes in."""
    descriptor = os.open(disk / "filler", os.O_WRONLY | os.O_CREAT)
    try:
        for block in (65536, 4096, 1):
            with pytest.raises(OSError, match="No space left"):
                write_for_ever(descriptor, block)
    finally:
        os.close(descriptor)


def write_for_ever(descriptor: int, block: int) -> None:
    while True:
        os.write(descriptor, b"x" * block)


def noise() -> bytes:
    """A line that compression cannot make small."""
    return b'{"a":"' + random.Random(2).randbytes(300_000).hex().encode() + b'"}\n'


def copy_of(session: Session) -> bytes:
    """The archived transcript, from wherever the session's environment has the store."""
    target = session.home.path / "copies" / os.urandom(4).hex()
    command = [str(session.home.executable), "session", "download", session.id]
    subprocess.run(
        [*command, "--output-dir", str(target)],
        env={**session.home.environ, **session.environ},
        check=True,
        capture_output=True,
    )
    return (target / session.transcript.name).read_bytes()


@pytest.mark.parametrize("hook", ["session-start", "user-prompt-submit", "session-end"])
def test_a_file_where_confab_s_directory_should_be(ready: Home, hook: str) -> None:
    elsewhere = ready.path / "a-file"
    elsewhere.write_text("in the way")
    session = Session(ready, {"CONFAB_HOME": str(elsewhere)})
    try:
        assert session.hook(hook)["continue"] is True
        assert elsewhere.read_text() == "in the way"
    finally:
        session.kill_client()


def test_hooks_in_the_wrong_order_and_twice(session: Session) -> None:
    session.write()
    session.end()
    session.prompt()
    session.end()
    session.start()
    session.start()
    session.write()
    session.until_archived(10)
    session.end()
    session.end()
    session.until_gone()
    session.assert_archived()


def test_unknown_fields_everywhere(session: Session) -> None:
    config = session.home.path / ".confab" / "config.json"
    config.write_text('{"unknown": {"a": [1]}, "log_level": "info"}')
    session.hook("session-start", source="a new source", unknown={"deep": [None]})
    session.write()
    session.until_archived(5)
    session.hook("session-end", reason="a new reason", unknown=1)
    session.until_gone()
    session.assert_archived()
