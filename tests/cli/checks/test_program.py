"""The launcher is looked at by what it starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from confab_sync.cli import hooks, launcher
from confab_sync.cli.checks import program
from confab_sync.cli.checks.check import Check
from tests.cli.checks.finding import one
from tests.cli.homes import Home, home


def looked_at(here: Home) -> Check:
    return one(program.checks(here.context), "launcher")


def set_up(tmp_path: Path) -> Home:
    here = home(tmp_path)
    hooks.install(here.context, replace=False)
    assert looked_at(here).verdict == "ok"
    return here


def is_mended(here: Home) -> bool:
    found = looked_at(here)
    assert found.fix is not None
    found.fix()
    return looked_at(here).verdict == "ok"


def test_before_setup_it_is_missing_and_left_to_setup(tmp_path: Path) -> None:
    found = looked_at(home(tmp_path))
    assert (found.verdict, found.remedy, found.fix) == ("fail", "confab setup", None)


def test_one_that_went_missing_is_written_anew(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    Path(here.context.paths.launcher).unlink()
    assert looked_at(here).verdict == "fail"
    assert is_mended(here)


def test_one_whose_python_is_gone_is_written_anew(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    path = Path(here.context.paths.launcher)
    path.write_bytes(launcher.script("/gone/python", launcher.boot_path()))
    found = looked_at(here)
    assert found.verdict == "fail"
    assert "/gone/python, which is gone" in found.found
    assert is_mended(here)


def test_one_of_an_older_version_is_written_anew(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    path = Path(here.context.paths.launcher)
    path.write_text(path.read_text() + "# an older line\n")
    assert looked_at(here).verdict == "warn"
    assert is_mended(here)


def test_one_that_may_not_be_executed_is_written_anew(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    os.chmod(here.context.paths.launcher, 0o600)
    assert looked_at(here).verdict == "fail"
    assert is_mended(here)


def test_one_of_another_installation_is_left_to_the_user(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    other = tmp_path / "other boot.py"
    other.touch()
    Path(here.context.paths.launcher).write_bytes(launcher.script(sys.executable, str(other)))
    found = looked_at(here)
    assert (found.verdict, found.fix) == ("warn", None)


def test_another_program_in_its_place_is_left_alone(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    Path(here.context.paths.launcher).write_text("#!/bin/sh\nexec something\n")
    found = looked_at(here)
    assert (found.verdict, found.fix) == ("fail", None)


def test_a_library_that_cannot_be_loaded_is_told_with_its_effect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    found = one(program.checks(home(tmp_path).context), "google-re2")
    assert found.verdict == "warn"
    assert "google-re2" in found.remedy
