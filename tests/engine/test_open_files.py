"""A file that is held can be read to its end though it has no name any more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.claude.layout import AGENT, SIDE, TRANSCRIPT, Sighting
from confab_sync.engine.open_files import MOST, OpenFiles

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from confab_sync.engine.assistant import Sighting as Seen


@pytest.fixture
def files() -> Iterator[OpenFiles]:
    held = OpenFiles()
    yield held
    held.close()


def write(path: Path, data: bytes = b"one\n", kind: str = TRANSCRIPT) -> Sighting:
    path.write_bytes(data)
    return Sighting(path.name, kind, str(path), os.stat(path))


def never(_: Seen) -> bool:
    return False


def always(_: Seen) -> bool:
    return True


def descriptors() -> int:
    return len(os.listdir("/dev/fd"))


def read(files: OpenFiles, seen: Seen) -> bytes:
    with files.reader(seen) as reader:
        return reader.read(0, 100)


def test_deleted_file_is_found_with_what_was_written_to_it_last(
    tmp_path: Path, files: OpenFiles
) -> None:
    path = tmp_path / "t.jsonl"
    files.hold([write(path)], never)
    with path.open("ab") as stream:
        stream.write(b"two\n")
    path.unlink()
    [deleted] = files.deleted([], never)
    assert (deleted.name, deleted.kind, deleted.size) == ("t.jsonl", TRANSCRIPT, 8)
    assert read(files, deleted) == b"one\ntwo\n"


def test_file_that_moved_is_not_taken_for_deleted(tmp_path: Path, files: OpenFiles) -> None:
    path = tmp_path / "t.jsonl"
    files.hold([write(path)], never)
    path.rename(tmp_path / "elsewhere")
    assert files.deleted([], never) == []


def test_file_that_was_replaced_is_another_one(tmp_path: Path, files: OpenFiles) -> None:
    path = tmp_path / "t.jsonl"
    first = write(path)
    files.hold([first], never)
    other = write(tmp_path / "new", b"other\n")
    os.rename(other.path, path)
    seen = Sighting("t.jsonl", TRANSCRIPT, str(path), os.stat(path))
    assert read(files, seen) == b"other\n"
    files.hold([seen], never)
    assert files.deleted([seen], never) == []
    assert read(files, seen) == b"other\n"


@pytest.mark.parametrize("kind", [TRANSCRIPT, SIDE])
def test_what_has_nothing_to_send_or_is_sent_whole_is_not_held(
    tmp_path: Path, files: OpenFiles, kind: str
) -> None:
    before = descriptors()
    files.hold([write(tmp_path / "file", kind=kind)], never if kind == SIDE else always)
    assert descriptors() == before


def test_file_is_let_go_once_all_of_it_is_archived(tmp_path: Path, files: OpenFiles) -> None:
    before = descriptors()
    still, deleted = write(tmp_path / "still"), write(tmp_path / "deleted")
    files.hold([still, deleted], never)
    assert descriptors() == before + 2
    files.hold([still, deleted], lambda seen: seen.name == "still")
    assert descriptors() == before + 1
    os.unlink(deleted.path)
    assert files.deleted([still], always) == []
    assert descriptors() == before


def test_large_workflow_does_not_use_up_the_descriptors(tmp_path: Path, files: OpenFiles) -> None:
    before = descriptors()
    files.hold([write(tmp_path / f"{n}.jsonl", kind=AGENT) for n in range(MOST + 9)], never)
    assert descriptors() == before + MOST
    files.close()
    assert descriptors() == before


def test_link_that_was_put_in_the_place_of_a_file_is_not_held(
    tmp_path: Path, files: OpenFiles
) -> None:
    path = tmp_path / "t.jsonl"
    seen = write(path)
    secret = write(tmp_path / "secret", b"secret\n")
    path.unlink()
    path.symlink_to(secret.path)
    before = descriptors()
    files.hold([seen], never)
    assert descriptors() == before
