"""settings.json on disk: through links, with its mode, and never over somebody's change."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from confab_sync.claude import settings_file
from confab_sync.claude.settings_file import ATTEMPTS, Change, drop_needless_backup, read
from confab_sync.errors import SettingsError
from tests.claude.unprivileged import unprivileged_directory


def edit(path: str, change: Change) -> bool:
    return settings_file.edit(path, change, backup=True)


def to(data: bytes | None) -> Change:
    """A change that ignores what was there."""
    return lambda old: data


def names(directory: Path) -> list[str]:
    return sorted(os.listdir(directory))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_missing_file_is_created_private_with_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "claude" / "settings.json"
    assert edit(str(path), to(b"{}"))
    assert path.read_bytes() == b"{}"
    assert mode_of(path) == 0o600
    assert names(path.parent) == ["settings.json"], "no backup of nothing"


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"{}")
    before = path.stat()
    assert not edit(str(path), to(b"{}"))
    assert path.stat() == before
    assert names(tmp_path) == ["settings.json"]


def test_none_removes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"{}")
    assert edit(str(path), to(None))
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o660, 0o755])
def test_the_mode_is_kept_by_the_file_and_by_its_backup(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    edit(str(path), to(b"new"))
    assert path.read_bytes() == b"new"
    backup = tmp_path / "settings.json.confab-backup"
    assert backup.read_bytes() == b"old"
    assert (mode_of(path), mode_of(backup)) == (mode, mode)


def test_a_change_that_is_not_the_first_needs_no_backup(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"0")
    assert settings_file.edit(str(path), to(b"1"), backup=False)
    assert names(tmp_path) == ["settings.json"]


def test_only_the_first_change_makes_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"0")
    for content in (b"1", b"2", b"3"):
        edit(str(path), to(content))
    assert (tmp_path / "settings.json.confab-backup").read_bytes() == b"0"
    assert names(tmp_path) == ["settings.json", "settings.json.confab-backup"]


def test_a_backup_goes_when_the_settings_are_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"0")
    edit(str(path), to(b"1"))
    assert not drop_needless_backup(str(path))
    edit(str(path), to(b"0"))
    assert drop_needless_backup(str(path))
    assert names(tmp_path) == ["settings.json"]


def test_a_link_stays_and_its_target_is_replaced_beside_the_target(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "claude").mkdir()
    target = tmp_path / "dotfiles" / "claude-settings.json"
    target.write_bytes(b"old")
    target.chmod(0o640)
    middle = tmp_path / "middle"
    middle.symlink_to("dotfiles/claude-settings.json")
    link = tmp_path / "claude" / "settings.json"
    link.symlink_to("../middle")
    edit(str(link), to(b"new"))
    assert link.readlink() == Path("../middle")
    assert middle.readlink() == Path("dotfiles/claude-settings.json")
    assert target.read_bytes() == b"new"
    assert mode_of(target) == 0o640
    assert names(target.parent) == [target.name], "the backup lies beside the link"


def test_a_dangling_link_gets_its_target_and_loses_it_again(tmp_path: Path) -> None:
    link = tmp_path / "settings.json"
    link.symlink_to("target.json")
    edit(str(link), to(b"{}"))
    assert (tmp_path / "target.json").read_bytes() == b"{}"
    edit(str(link), to(None))
    assert link.is_symlink()
    assert not (tmp_path / "target.json").exists()


def test_a_link_into_nowhere_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "settings.json"
    link.symlink_to("gone/target.json")
    with pytest.raises(SettingsError, match="whose directory does not exist"):
        edit(str(link), to(b"{}"))
    assert names(tmp_path) == ["settings.json"]


def test_a_link_to_itself_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "settings.json"
    link.symlink_to("settings.json")
    with pytest.raises(SettingsError, match="cannot be read"):
        edit(str(link), to(b"{}"))


def test_a_directory_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "settings.json").mkdir()
    with pytest.raises(SettingsError, match="not a regular file"):
        edit(str(tmp_path / "settings.json"), to(b"{}"))


def test_a_pipe_in_its_place_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "settings.json")
    with pytest.raises(SettingsError, match="not a regular file"):
        read(str(tmp_path / "settings.json"))


def test_a_file_in_the_place_of_its_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "claude").write_bytes(b"")
    with pytest.raises(SettingsError, match="Not a directory"):
        edit(str(tmp_path / "claude" / "settings.json"), to(b"{}"))


def test_a_write_protected_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(SettingsError, match="write-protected"):
        edit(str(path), to(b"new"))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["settings.json"]


def test_an_unreadable_file_is_refused() -> None:
    with unprivileged_directory() as directory:
        path = Path(directory, "settings.json")
        path.write_bytes(b"secret")
        path.chmod(0o000)
        with pytest.raises(SettingsError, match="cannot be read: Permission denied"):
            edit(str(path), to(b"new"))


def test_a_read_only_directory_is_refused_and_left_as_it_is() -> None:
    with unprivileged_directory() as directory:
        path = Path(directory, "settings.json")
        path.write_bytes(b"old")
        os.chmod(directory, 0o500)
        with pytest.raises(SettingsError, match="cannot be changed: Permission denied"):
            edit(str(path), to(b"new"))
        assert path.read_bytes() == b"old"
        assert os.listdir(directory) == ["settings.json"]


def test_a_change_by_another_program_is_noticed_and_built_upon(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"a")
    seen = []

    def change(old: bytes | None) -> bytes:
        seen.append(old)
        if len(seen) == 1:
            path.write_bytes(b"b")
        return (old or b"") + b"!"

    assert edit(str(path), change)
    assert seen == [b"a", b"b"]
    assert path.read_bytes() == b"b!"


@pytest.mark.parametrize("disturbance", ["same size", "replaced", "removed", "created", "relinked"])
def test_every_kind_of_change_is_noticed(tmp_path: Path, disturbance: str) -> None:
    real, other = tmp_path / "real.json", tmp_path / "other.json"
    path = tmp_path / "settings.json"
    path.symlink_to(real)
    other.write_bytes(b"1")
    if disturbance != "created":
        real.write_bytes(b"1")

    def disturb() -> None:
        if disturbance in ("same size", "created"):
            real.write_bytes(b"2")
        elif disturbance == "removed":
            real.unlink()
        elif disturbance == "replaced":
            (tmp_path / "new").write_bytes(b"1")
            (tmp_path / "new").rename(real)
        else:
            path.unlink()
            path.symlink_to(other)

    calls = []

    def change(old: bytes | None) -> bytes:
        calls.append(old)
        if len(calls) == 1:
            disturb()
        return b"mine"

    assert edit(str(path), change)
    assert len(calls) == 2
    assert path.read_bytes() == b"mine"


def test_a_file_that_keeps_changing_is_left_to_whoever_changes_it(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"0")
    calls = []

    def change(old: bytes | None) -> bytes:
        calls.append(old)
        path.write_bytes(b"theirs %d" % len(calls))
        return b"mine"

    with pytest.raises(SettingsError, match="being changed by another program"):
        edit(str(path), change)
    assert len(calls) == ATTEMPTS
    assert path.read_bytes() == b"theirs %d" % ATTEMPTS
    assert names(tmp_path) == ["settings.json", "settings.json.confab-backup"]


def test_a_change_that_refuses_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(b"{,}")

    def change(old: bytes | None) -> bytes:
        raise SettingsError("no")

    with pytest.raises(SettingsError, match="no"):
        edit(str(path), change)
    assert path.read_bytes() == b"{,}"
    assert names(tmp_path) == ["settings.json"]
