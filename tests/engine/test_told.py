"""What servers were told outlives interruptions, and is forgotten when the session is."""

from __future__ import annotations

import os
import resource
import signal
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.engine.push import Told
from confab_sync.engine.told import (
    forget,
    known_copies,
    named,
    opened_record,
    without_pushes,
)
from confab_sync.errors import ConfabError

URL = "https://confab.example.com"
ANN = "ann@example.com"
FULL = Told("s-1", frozenset({"m1", "m2"}), "digest", frozenset({"a", "b"}), frozenset({"c"}))


def only_file(directory: Path) -> Path:
    (file,) = directory.iterdir()
    return file


def test_what_was_told_is_known_the_next_time(tmp_path: Path) -> None:
    for _ in range(2):
        with opened_record(str(tmp_path), URL, ANN) as record:
            record.remember("x", FULL)
    with opened_record(str(tmp_path), URL, ANN) as record:
        assert record.of("x") == FULL
        assert record.of("y") == Told()
    assert stat.S_IMODE(only_file(tmp_path).stat().st_mode) == 0o600


def test_another_session_there_begins_anew(tmp_path: Path) -> None:
    with opened_record(str(tmp_path), URL, ANN) as record:
        record.remember("x", FULL)
        record.remember("x", Told("s-2"))
    with opened_record(str(tmp_path), URL, ANN) as record:
        assert record.of("x") == Told("s-2")


def test_accounts_and_servers_are_told_apart(tmp_path: Path) -> None:
    with opened_record(str(tmp_path), URL, ANN) as record:
        record.remember("x", FULL)
    for url, account in ((URL, "bob@example.com"), ("https://other.example.com", ANN)):
        with opened_record(str(tmp_path), url, account) as record:
            assert record.of("x") == Told()


def test_two_pushes_to_one_server_are_not_possible_at_once(tmp_path: Path) -> None:
    with (
        opened_record(str(tmp_path), URL, ANN),
        pytest.raises(ConfabError, match="another"),
        opened_record(str(tmp_path), URL, ANN),
    ):
        pass


@given(st.data())
def test_a_record_that_was_cut_off_loses_only_its_end(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    directory = tmp_path_factory.mktemp("cut")
    with opened_record(str(directory), URL, ANN) as record:
        record.remember("x", FULL)
        record.remember("y", FULL)
    file = only_file(directory)
    os.truncate(file, data.draw(st.integers(0, file.stat().st_size)))
    with opened_record(str(directory), URL, ANN) as record:
        known = record.of("y")
        assert known.ends <= FULL.ends
        record.remember("z", FULL)
    with opened_record(str(directory), URL, ANN) as record:
        assert (record.of("y"), record.of("z")) == (known, FULL)


def test_copies_are_known_until_the_session_is_forgotten(tmp_path: Path) -> None:
    session, other = named("claude-code", "one"), named("claude-code", "other")
    with opened_record(str(tmp_path), URL, ANN) as record:
        record.remember(session, FULL)
        record.remember(other, FULL)
    assert known_copies(str(tmp_path), session) == [(URL, "s-1")]
    forget(str(tmp_path), session)
    assert known_copies(str(tmp_path), session) == []
    assert known_copies(str(tmp_path), other) == [(URL, "s-1")]
    assert session.encode() not in only_file(tmp_path).read_bytes()


def test_there_need_be_no_records(tmp_path: Path) -> None:
    assert known_copies(str(tmp_path / "none"), "x") == []
    forget(str(tmp_path / "none"), "x")


def test_a_record_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").mkdir()
    for use in (known_copies, forget):
        with pytest.raises(ConfabError, match="cannot be read"):
            use(str(tmp_path), "x")


def test_a_directory_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfabError, match="cannot be opened"),
        opened_record(str(tmp_path / "file"), URL, ANN),
    ):
        pass


def test_nothing_is_forgotten_while_a_push_may_send_it_again(tmp_path: Path) -> None:
    with (
        opened_record(str(tmp_path), URL, ANN),
        pytest.raises(ConfabError, match="push` runs"),
        without_pushes(str(tmp_path)),
    ):
        pass
    with (
        without_pushes(str(tmp_path)),
        pytest.raises(ConfabError, match="another"),
        opened_record(str(tmp_path), URL, ANN),
    ):
        pass
    with without_pushes(str(tmp_path)), without_pushes(str(tmp_path / "none")):
        pass
    with opened_record(str(tmp_path), URL, ANN):
        pass


def test_a_record_that_the_disk_takes_only_in_parts_is_whole(tmp_path: Path) -> None:
    """A full disk takes the beginning of a line and fails with the rest."""
    with opened_record(str(tmp_path), URL, ANN) as record:
        size = only_file(tmp_path).stat().st_size
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))
        try:
            with pytest.raises(ConfabError, match="cannot be kept"):
                record.remember("x", FULL)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            signal.signal(signal.SIGXFSZ, ignored)
