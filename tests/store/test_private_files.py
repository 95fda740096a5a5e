"""The files of the database belong to their user alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.store.private_files import create_private, files_of, is_too_short, tighten

if TYPE_CHECKING:
    from pathlib import Path


def test_new_file_is_private_and_an_old_one_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    create_private(str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"content")
    create_private(str(path))
    assert path.read_bytes() == b"content"


def test_all_files_of_the_database_are_tightened_and_no_others(tmp_path: Path) -> None:
    for name in ("store.db", "store.db-wal", "store.db-journal", "store.db.lock", "other"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    path = str(tmp_path / "store.db")
    tighten(path)
    modes = {item.name: item.stat().st_mode & 0o777 for item in tmp_path.iterdir()}
    assert modes.pop("other") == 0o644
    assert set(modes.values()) == {0o600}
    assert len(files_of(path)) == len(modes) == 4


@pytest.mark.parametrize(("size", "short"), [(0, False), (1, True), (511, True), (512, False)])
def test_content_below_one_page_is_too_short(tmp_path: Path, size: int, short: bool) -> None:
    (tmp_path / "store.db").write_bytes(bytes(size))
    assert is_too_short(str(tmp_path / "store.db")) is short
