"""Hooks that are missing, double, or switched off are told of, wherever that stands."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from confab_sync.cli import hooks as hook_commands
from confab_sync.cli.checks.check import Check
from confab_sync.cli.checks.hooks import checks, settings_files
from confab_sync.engine.registry import Registry
from tests.cli.checks.finding import none, one
from tests.cli.homes import Home, home


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This checkout's own settings are none of the test's business."""
    monkeypatch.chdir(tmp_path)


def looked_at(here: Home) -> list[Check]:
    return list(checks(here.context, managed=str(here.root / "managed")))


def set_up(tmp_path: Path) -> Home:
    here = home(tmp_path)
    hook_commands.install(here.context, replace=False)
    return here


def in_project(here: Home, name: str, settings: object) -> None:
    """A project that a session ran in, with settings of its own."""
    project = here.root / "project"
    (project / ".claude").mkdir(parents=True)
    (project / ".claude" / name).write_text(json.dumps(settings))
    registry = Registry(here.context.paths.registry, clock=lambda: datetime.now(UTC))
    with closing(registry):
        registry.see("claude-code", "s", "/p/s.jsonl", str(project))


def calling(program: str) -> dict[str, object]:
    command = {"type": "command", "command": f"{program} hook session-start"}
    return {"hooks": {"SessionStart": [{"hooks": [command]}]}}


def test_installed_hooks_are_fine(tmp_path: Path) -> None:
    (found,) = looked_at(set_up(tmp_path))
    assert found.verdict == "ok"


def test_before_setup_setup_is_named_and_nothing_fixed(tmp_path: Path) -> None:
    (found,) = looked_at(home(tmp_path))
    assert (found.verdict, found.remedy, found.fix) == ("fail", "confab setup", None)


def test_hooks_that_went_missing_after_setup_are_brought_back(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    here.write_settings({"model": "x"})
    found = one(looked_at(here), "hooks in")
    assert found.verdict == "fail"
    assert found.fix is not None
    found.fix()
    assert one(looked_at(here), "hooks in").verdict == "ok"
    assert json.loads(here.settings.read_text())["model"] == "x"


def test_hooks_that_the_user_removed_stay_removed(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    hook_commands.installation(here.context).remove()
    assert one(looked_at(here), "hooks in").fix is None


def test_one_event_that_is_missing_is_named(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    content = json.loads(here.settings.read_text())
    del content["hooks"]["SessionEnd"]
    here.write_settings(content)
    assert one(looked_at(here), "hooks in").found.endswith("SessionEnd")


def test_another_confab_beside_ours_copies_twice(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    content = json.loads(here.settings.read_text())
    content["hooks"]["SessionStart"] += calling("/go/confab")["hooks"]["SessionStart"]  # type: ignore[index]
    here.write_settings(content)
    found = one(looked_at(here), "double hooks")
    assert "/go/confab" in found.found
    assert found.remedy == "confab setup --replace"


def test_another_confab_alone_is_a_failure(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.write_settings(calling("/go/confab"))
    (found,) = looked_at(here)
    assert (found.verdict, found.remedy) == ("fail", "confab setup --replace")


def test_hooks_that_are_switched_off_are_a_failure(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    content = json.loads(here.settings.read_text())
    here.write_settings({**content, "disableAllHooks": True})
    assert one(looked_at(here), "hooks switched off").verdict == "fail"


def test_managed_settings_that_keep_us_out_are_a_failure(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    (here.root / "managed").mkdir()
    path = here.root / "managed" / "managed-settings.json"
    path.write_text('{"allowManagedHooksOnly": true}')
    found = one(looked_at(here), "managed")
    assert found.verdict == "fail"
    assert str(path) in found.found


def test_settings_that_cannot_be_read_are_a_failure_with_the_line(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    here.write_settings(b'{\n"hooks": [}')
    (found,) = looked_at(here)
    assert found.verdict == "fail"
    assert "line 2" in found.found


@pytest.mark.parametrize("name", ["settings.json", "settings.local.json"])
def test_projects_that_switch_hooks_off_or_call_them_again_are_told(
    tmp_path: Path, name: str
) -> None:
    here = set_up(tmp_path)
    settings = {**calling(here.context.paths.launcher), "disableAllHooks": True}
    in_project(here, name, settings)
    found = looked_at(here)
    assert one(found, "hooks switched off in").verdict == "warn"
    assert here.context.paths.launcher in one(found, "double hooks in").found


def test_projects_with_settings_of_another_kind_are_fine(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    in_project(here, "settings.json", {"hooks": {"Stop": []}, "model": "x"})
    assert none(looked_at(here), "double")


def test_every_bound_configuration_directory_is_looked_at(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    bound = {"claude-code": {"/other": {"backend_url": "https://a.b"}}}
    (here.confab / "config.json").write_text(json.dumps({"bindings": bound}))
    assert settings_files(here.context) == [str(here.settings), "/other/settings.json"]
