"""config.json is looked at as daemons will look at it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from confab_sync.cli.checks.check import Check
from confab_sync.cli.checks.settings import checks
from confab_sync.cli.config import group as config
from confab_sync.presence import notice
from tests.cli.checks.finding import none, one
from tests.cli.homes import Home, home


def looked_at(here: Home) -> list[Check]:
    return list(checks(here.context))


def with_config(tmp_path: Path, content: dict[str, Any] | str) -> Home:
    here = home(tmp_path)
    here.confab.mkdir()
    text = content if isinstance(content, str) else json.dumps(content)
    (here.confab / "config.json").write_text(text)
    return here


def test_a_broken_file_is_named_with_its_line(tmp_path: Path) -> None:
    (found,) = looked_at(with_config(tmp_path, '{\n"log_level": "info",\n!\n}'))
    assert found.verdict == "fail"
    assert "config.json, line 3: not JSON" in found.found
    assert "config.json" in found.remedy


def test_good_settings_are_fine(tmp_path: Path) -> None:
    assert {each.verdict for each in looked_at(with_config(tmp_path, {}))} == {"ok"}


def test_without_settings_setup_is_named(tmp_path: Path) -> None:
    assert one(looked_at(home(tmp_path)), "config.json").remedy == "confab setup"


def test_masking_that_is_off_or_broken_is_told(tmp_path: Path) -> None:
    off = with_config(tmp_path / "off", {"redaction": {"enabled": False}})
    assert one(looked_at(off), "masking").verdict == "warn"
    wrong = {"redaction": {"patterns": [{"name": "x", "pattern": "(", "type": "X"}]}}
    assert one(looked_at(with_config(tmp_path / "broken", wrong)), "masking").verdict == "fail"


def test_a_pause_that_holds_is_told_and_one_that_is_over_is_not(tmp_path: Path) -> None:
    future = datetime(2999, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    running = with_config(tmp_path / "a", {"paused": {"until": future}})
    assert one(looked_at(running), "pause").remedy == "confab resume"
    over = with_config(tmp_path / "b", {"paused": {"until": "2001-01-01T00:00:00Z"}})
    assert none(looked_at(over), "pause")


def test_a_notice_that_is_over_can_be_removed(tmp_path: Path) -> None:
    here = with_config(tmp_path, {"ignore": ["/w"]})
    notice.leave(here.context.paths, "config", "confab does not archive: line 3")
    found = one(looked_at(here), "notice")
    assert found.fix is not None
    found.fix()
    assert not Path(here.context.paths.notices).exists()
    assert none(looked_at(here), "notice")


def test_a_notice_about_something_else_stays(tmp_path: Path) -> None:
    here = with_config(tmp_path, {})
    notice.leave(here.context.paths, "key", "no key")
    assert none(looked_at(here), "notice")


def test_a_setting_that_has_no_effect_is_named_and_can_be_taken_out(tmp_path: Path) -> None:
    rules = {"ignore": ["/no/such"], "paused": {"since": None, "until": None}}
    here = with_config(tmp_path, {"backend_urll": "x", **rules})
    found = one(looked_at(here), "setting")
    assert (found.verdict, found.remedy) == ("warn", "confab config unset backend_urll")
    assert here.run(config, *found.remedy.split()[2:]).exit_code == 0
    none(looked_at(here), "setting")


def test_what_no_editor_mends_is_moved_or_made_readable(tmp_path: Path) -> None:
    here = home(tmp_path)
    path = here.confab / "config.json"
    path.mkdir(parents=True)
    (found,) = looked_at(here)
    assert found.remedy == f"mv {path} {path}.aside && confab setup"
    assert "until that is mended nothing is archived" in found.found
