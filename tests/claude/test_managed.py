"""Managed settings may keep our hooks from running."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from confab_sync.claude.managed import managed_directory, managed_switches


def test_each_platform_has_its_place() -> None:
    assert managed_directory("linux") == "/etc/claude-code"
    assert managed_directory("darwin") == "/Library/Application Support/ClaudeCode"


@pytest.mark.parametrize("key", ["disableAllHooks", "allowManagedHooksOnly"])
@pytest.mark.parametrize("name", ["managed-settings.json", "managed-settings.d/10-hooks.json"])
def test_switches_are_found_in_the_file_and_beside_it(tmp_path: Path, name: str, key: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({key: True}))
    assert list(managed_switches(str(tmp_path))) == [(str(path), key)]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"disableAllHooks": false}', '{"a": 1}'])
def test_what_says_nothing_of_the_kind_switches_nothing_off(tmp_path: Path, content: str) -> None:
    (tmp_path / "managed-settings.json").write_text(content)
    assert list(managed_switches(str(tmp_path))) == []
    assert list(managed_switches(str(tmp_path / "none"))) == []
