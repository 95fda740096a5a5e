"""The hooks in one settings file: in, out, and the file as it was before."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from confab_sync.claude.installation import Installation, edited_settings
from confab_sync.errors import SettingsError


def installation(tmp_path: Path, data: bytes | None = None) -> tuple[Installation, Path]:
    path = tmp_path / "claude" / "settings.json"
    if data is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    launcher = str(tmp_path / "home" / "bin" / "confab")
    return Installation(str(path), launcher, str(tmp_path / "home" / "memory.json")), path


def files(directory: Path) -> dict[str, bytes]:
    return {name: (directory / name).read_bytes() for name in sorted(os.listdir(directory))}


@pytest.mark.parametrize(
    "data",
    [None, b"", b"{}", b'{"hooks":{}}', b'{\r\n\t"model": "x",\r\n\t"n": 1e400\r\n}'],
)
def test_added_three_times_and_removed_the_directory_is_as_before(
    tmp_path: Path, data: bytes | None
) -> None:
    hooks, path = installation(tmp_path, data)
    assert [hooks.add(), hooks.add(), hooks.add()] == [True, False, False]
    assert set(hooks.inspect().events.values()) == {"installed"}
    assert hooks.remove()
    assert not hooks.remove()
    assert files(path.parent) == ({} if data is None else {"settings.json": data})


def test_the_first_content_is_kept_as_a_backup_while_hooks_are_in(tmp_path: Path) -> None:
    hooks, path = installation(tmp_path, b'{"model": "x"}')
    hooks.add()
    assert files(path.parent)["settings.json.confab-backup"] == b'{"model": "x"}'


def test_the_backup_stays_when_the_user_has_changed_something_since(tmp_path: Path) -> None:
    hooks, path = installation(tmp_path, b'{"model": "x"}')
    hooks.add()
    path.write_bytes(path.read_bytes().replace(b'"x"', b'"y"'))
    hooks.remove()
    assert files(path.parent) == {
        "settings.json": b'{"model": "y"}',
        "settings.json.confab-backup": b'{"model": "x"}',
    }


def test_refused_settings_are_left_byte_for_byte(tmp_path: Path) -> None:
    data = b'{\n  "model": "x", // mine\n}\n'
    hooks, path = installation(tmp_path, data)
    for attempt in (hooks.add, hooks.remove, hooks.inspect):
        with pytest.raises(SettingsError, match=r"settings\.json, line 2: a comment"):
            attempt()
    assert files(path.parent) == {"settings.json": data}


def test_removing_from_nothing_creates_nothing(tmp_path: Path) -> None:
    hooks, _ = installation(tmp_path)
    assert not hooks.remove()
    assert os.listdir(tmp_path) == []


def test_a_home_that_cannot_be_written_changes_no_settings(tmp_path: Path) -> None:
    hooks, path = installation(tmp_path, b"{}")
    (tmp_path / "home").write_bytes(b"in the way")
    with pytest.raises(SettingsError):
        hooks.add()
    assert files(path.parent) == {"settings.json": b"{}"}


def test_edited_settings_are_known_until_the_hooks_are_out(tmp_path: Path) -> None:
    hooks, path = installation(tmp_path)
    memory = str(tmp_path / "home" / "memory.json")
    hooks.add()
    assert edited_settings(memory) == [str(path)]
    assert json.loads(Path(memory).read_text())
    hooks.remove()
    assert edited_settings(memory) == []
