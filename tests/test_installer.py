"""The upgrade hint is the command of the installer that confab came by."""

from __future__ import annotations

from pathlib import Path

import pytest

from confab_sync.installer import (
    PIP,
    PIPX,
    UV,
    UV_TOOL,
    add_command,
    installer,
    remove_command,
    server_command,
    upgrade_command,
)


@pytest.mark.parametrize(
    ("mark", "found"), [("pipx_metadata.json", PIPX), ("uv-receipt.toml", UV_TOOL)]
)
def test_an_installer_is_known_by_what_it_leaves(tmp_path: Path, mark: str, found: str) -> None:
    (tmp_path / mark).touch()
    assert installer(str(tmp_path)) == found


def test_anything_else_is_pip_or_uv_as_the_package_says(tmp_path: Path) -> None:
    assert installer(str(tmp_path)) in (PIP, UV)


@pytest.mark.parametrize(
    ("found", "command"),
    [
        (PIPX, "pipx upgrade confab-sync"),
        (UV_TOOL, "uv tool upgrade confab-sync"),
        (UV, "uv pip install --python '/a b/python' --upgrade confab-sync"),
        (PIP, "'/a b/python' -m pip install --upgrade confab-sync"),
    ],
)
def test_each_has_its_own_command(found: str, command: str) -> None:
    assert upgrade_command(found, "/a b/python") == command


@pytest.mark.parametrize("found", [PIPX, UV_TOOL, UV, PIP])
def test_a_library_is_added_to_confab_s_own_environment(found: str) -> None:
    assert "google-re2" in add_command("google-re2", found, "/p/python")
    assert add_command("google-re2", PIPX) == "pipx inject confab-sync google-re2"


@pytest.mark.parametrize(
    ("found", "removing", "serving"),
    [
        (
            PIPX,
            "pipx uninstall confab-sync",
            "pipx install --force 'confab-sync[server]'",
        ),
        (
            UV_TOOL,
            "uv tool uninstall confab-sync",
            "uv tool install --force 'confab-sync[server]'",
        ),
        (
            UV,
            "uv pip uninstall --python /p/python confab-sync",
            "uv pip install --python /p/python 'confab-sync[server]'",
        ),
        (
            PIP,
            "/p/python -m pip uninstall confab-sync",
            "/p/python -m pip install 'confab-sync[server]'",
        ),
    ],
)
def test_each_removes_confab_and_brings_its_server(found: str, removing: str, serving: str) -> None:
    assert remove_command(found, "/p/python") == removing
    assert server_command(found, "/p/python") == serving
