"""Where confab keeps things is looked at: rights, room, the kind of disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from confab_sync.cli.checks import places
from confab_sync.cli.checks.check import Check
from tests.cli.checks.finding import one
from tests.cli.homes import home


def looked_at(tmp_path: Path, **arguments: Any) -> list[Check]:
    return list(places.checks(home(tmp_path).context, **arguments))


def test_places_that_are_not_there_yet_are_looked_at_where_they_will_be(tmp_path: Path) -> None:
    context = home(tmp_path).context
    assert places.places(context.paths) == [str(tmp_path / "home")]


def test_a_disk_that_is_not_known_to_be_local_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "kind_of", lambda _: "nfs4")
    found = one(looked_at(tmp_path), "file system")
    assert found.verdict == "warn"
    assert "nfs4" in found.found


def test_windows_own_disk_below_wsl_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = tmp_path / "version"
    version.write_text("Linux version 5.15 (Microsoft@Microsoft.com)")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(places, "kind_of", lambda _: "9p")
    found = one(looked_at(tmp_path, proc_version=str(version)), "file system")
    assert "Windows" in found.found


@pytest.mark.parametrize(
    ("free", "verdict"), [(50_000_000, "fail"), (500_000_000, "warn"), (10**12, "ok")]
)
def test_little_room_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, verdict: str
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage._replace(free=free))
    assert one(looked_at(tmp_path), "room").verdict == verdict


def test_what_cannot_be_made_private_is_told(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (here.confab / "sync").symlink_to(tmp_path / "elsewhere")
    found = one(places.checks(here.context), "permissions")
    assert found.verdict == "warn"
    assert "symbolic link" in found.found
    assert found.remedy == f"ls -ld {here.confab / 'sync'}"


def test_what_is_private_is_fine(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir(mode=0o755)
    os.chmod(here.root, 0o700)
    assert one(places.checks(here.context), "permissions").verdict == "ok"
