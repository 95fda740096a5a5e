"""Only regular files are read, and every byte that is read is counted."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine.reader import open_reader

if TYPE_CHECKING:
    from pathlib import Path


def test_reads_what_is_there_and_counts_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    with open_reader(str(path)) as reader:
        assert reader.read(2, 3) == b"234"
        assert reader.read(8, 100) == b"89"
        assert reader.read(50, 1) == b""
        assert reader.read(0, 0) == b""
        assert reader.size() == 10
        assert reader.bytes_read == 5


def test_symlink_at_the_leaf_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to("secret")
    with pytest.raises(OSError, match="symbolic links"), open_reader(str(tmp_path / "link")):
        pass


def test_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"), open_reader(str(tmp_path / "pipe")):
        pass


def test_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not a regular file"), open_reader(str(tmp_path)):
        pass


def test_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), open_reader(str(tmp_path / "gone")):
        pass


def test_descriptor_is_closed_however_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    with pytest.raises(ZeroDivisionError), open_reader(str(path)) as reader:
        1 / 0  # noqa: B018
    with pytest.raises(OSError, match="Bad file descriptor"):
        reader.size()
