"""A session is written out whole, privately, and over nothing that was there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import ConfabError, StoreDamaged
from confab_sync.store.export import ExportedFile, export
from confab_sync.store.source import StoreSource
from confab_sync.store.values import SideFile

from .factories import chunk, new_session, open_store, tamper

if TYPE_CHECKING:
    from pathlib import Path

MAIN = b"\xff\0\r\n" * 500_000 + b"{}"
AGENT = b"agent\n"


def fill(directory: Path, external_id: str = "abc") -> None:
    with open_store(directory / "store") as store:
        session_id = new_session(store, external_id)
        store.append(session_id, chunk(MAIN, name="abc.jsonl"))
        store.append(session_id, chunk(AGENT, name="agent-1.jsonl", file_type="agent"))
        store.put_side_file(session_id, SideFile("tool-results/x.txt", b"side", 1))


def take_out(directory: Path, only: str | None = None) -> list[ExportedFile]:
    with open_store(directory / "store") as store:
        source = StoreSource(store, store.find_session("abc"))
        return export(source, str(directory / "out" / "deep"), only)


def tree(directory: Path) -> dict[str, bytes]:
    found = {}
    for parent, _, names in os.walk(directory):
        for name in names:
            with open(os.path.join(parent, name), "rb") as file:
                found[os.path.relpath(file.name, directory)] = file.read()
    return found


EXPECTED = {
    "deep/abc.jsonl": MAIN,
    "deep/abc/subagents/agent-1.jsonl": AGENT,
    "deep/abc/tool-results/x.txt": b"side",
}


def test_every_file_is_written_as_it_was_stored(tmp_path: Path) -> None:
    fill(tmp_path)
    exported = take_out(tmp_path)
    assert tree(tmp_path / "out") == EXPECTED
    assert {(file.name, file.bytes, file.written) for file in exported} == {
        ("abc.jsonl", len(MAIN), True),
        ("agent-1.jsonl", len(AGENT), True),
        ("tool-results/x.txt", 4, True),
    }


def test_what_is_written_is_private_and_what_was_there_keeps_its_mode(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "out").mkdir(mode=0o755)
    old = os.umask(0)
    try:
        take_out(tmp_path)
    finally:
        os.umask(old)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o755
    for parent, _, names in os.walk(tmp_path / "out" / "deep"):
        assert os.stat(parent).st_mode & 0o777 == 0o700
        assert {os.stat(f"{parent}/{name}").st_mode & 0o777 for name in names} <= {0o600}


def test_doing_it_again_leaves_the_same_content_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    take_out(tmp_path)
    before = {name: os.stat(tmp_path / "out" / name).st_ino for name in EXPECTED}
    again = take_out(tmp_path)
    assert [file.written for file in again] == [False] * 3
    assert {file.bytes for file in again} == {len(MAIN), len(AGENT), 4}
    assert {name: os.stat(tmp_path / "out" / name).st_ino for name in EXPECTED} == before


@pytest.mark.parametrize("other", [b"", b"side and more", b"sid", b"SIDE"])
def test_other_content_is_never_overwritten_and_nothing_is_written(
    tmp_path: Path, other: bytes
) -> None:
    fill(tmp_path)
    target = tmp_path / "out" / "deep" / "abc" / "tool-results" / "x.txt"
    target.parent.mkdir(parents=True)
    target.write_bytes(other)
    with pytest.raises(ConfabError, match=r"x\.txt exists and is different") as caught:
        take_out(tmp_path)
    assert caught.value.exit_status == 1
    assert tree(tmp_path / "out") == {"deep/abc/tool-results/x.txt": other}


@pytest.mark.parametrize("kind", ["directory", "dangling link"])
def test_something_else_in_the_place_of_a_file_is_left_alone(tmp_path: Path, kind: str) -> None:
    fill(tmp_path)
    target = tmp_path / "out" / "deep" / "abc.jsonl"
    target.parent.mkdir(parents=True)
    if kind == "directory":
        target.mkdir()
    else:
        target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfabError, match="exists and is different"):
        take_out(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_one_file_can_be_taken_alone(tmp_path: Path) -> None:
    fill(tmp_path)
    take_out(tmp_path, "agent-1.jsonl")
    assert tree(tmp_path / "out") == {"deep/abc/subagents/agent-1.jsonl": AGENT}
    with pytest.raises(ConfabError, match="no file 'nothing'"):
        take_out(tmp_path, "nothing")


def test_damaged_file_leaves_nothing_half_written(tmp_path: Path) -> None:
    fill(tmp_path)
    tamper(tmp_path / "store", "UPDATE chunks SET digest = x'00' WHERE start > 0")
    with pytest.raises(StoreDamaged):
        take_out(tmp_path)
    assert tree(tmp_path / "out") == {}


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "out").write_bytes(b"a file")
    with pytest.raises(ConfabError, match=r"cannot be written: .*/out"):
        take_out(tmp_path)


def test_files_that_would_meet_are_not_written(tmp_path: Path) -> None:
    fill(tmp_path)
    with open_store(tmp_path / "store") as store:
        session_id = store.find_session("abc").session_id
        store.put_side_file(session_id, SideFile("subagents/agent-1.jsonl", b"other", 1))
    with pytest.raises(ConfabError, match="would both become"):
        take_out(tmp_path)
    assert not (tmp_path / "out").exists()


def test_link_in_the_target_directory_is_not_followed(tmp_path: Path) -> None:
    fill(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "deep" / "abc").symlink_to(elsewhere)
    with pytest.raises(ConfabError, match="symbolic link"):
        take_out(tmp_path)
    assert list(elsewhere.iterdir()) == []
