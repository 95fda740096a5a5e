"""Small private files: replaced whole, under a lock."""

from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from confab_sync.files import locked, replace_private_file, written_beside

if TYPE_CHECKING:
    from pathlib import Path


def test_the_new_content_is_private_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    replace_private_file(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["file"]


def test_a_reader_that_has_the_old_file_open_keeps_the_old_content(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with path.open("rb") as reader:
        replace_private_file(str(path), b"new")
        assert reader.read() == b"old"


def test_a_failed_replacement_leaves_the_old_content_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "directory"
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_private_file(str(path), b"new")
    assert os.listdir(tmp_path) == ["directory"]


def test_ctrl_c_before_the_rename_leaves_no_rest(tmp_path: Path) -> None:
    meanwhile: list[str] = []

    def interrupted() -> None:
        with written_beside(str(tmp_path / "file"), b"new", 0o600):
            meanwhile.extend(os.listdir(tmp_path))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(meanwhile) == 1
    assert os.listdir(tmp_path) == []


def test_only_one_holds_the_lock_at_a_time(tmp_path: Path) -> None:
    path, total = str(tmp_path / "lock"), [0]

    def count() -> None:
        for _ in range(50):
            with locked(path):
                seen = total[0]
                os.stat(path)  # lets another thread in, if the lock does
                total[0] = seen + 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert total == [200]
