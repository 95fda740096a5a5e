"""`confab doctor`, as a person or a script calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from confab_sync.cli import doctor, hooks
from confab_sync.cli.checks import all as everything
from confab_sync.cli.checks.check import FAIL, OK, WARN, Check
from confab_sync.errors import ConfabError, UsageError
from tests.cli.homes import Home, home, in_a_terminal


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This checkout's own settings are none of the test's business."""
    monkeypatch.chdir(tmp_path)


def run(here: Home, *arguments: str) -> tuple[Result, int]:
    result = CliRunner().invoke(doctor.command, arguments, obj=here.context, standalone_mode=False)
    if result.exception:
        raise result.exception
    assert isinstance(result.return_value, int)
    return result, result.return_value


def set_up(tmp_path: Path) -> Home:
    here = home(tmp_path)
    hooks.install(here.context, replace=False)
    (here.confab / "config.json").write_text("{}")
    (here.confab / "config.json").chmod(0o600)
    return here


def test_nothing_is_wrong_after_setup(tmp_path: Path) -> None:
    result, status = run(set_up(tmp_path))
    assert status == 0
    assert result.output.endswith("Nothing is wrong.\n")


def test_a_failure_is_the_exit_status_and_has_its_remedy(tmp_path: Path) -> None:
    result, status = run(home(tmp_path))
    assert status == 1
    assert "      $ confab setup\n" in result.output


def test_warnings_alone_are_no_failure(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    (here.confab / "config.json").write_text('{"redaction": {"enabled": false}}')
    result, status = run(here)
    assert status == 0
    assert result.output.endswith("0 failures, 1 warning.\n")


def test_fixing_says_what_it_did_and_how_it_is_then(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    here.write_settings({})
    Path(here.context.paths.launcher).unlink()
    before, status = run(here)
    assert status == 1
    assert "confab doctor --fix" in before.output
    after, status = run(here, "--fix")
    assert status == 0
    assert after.output.count("fixed: ") == 2
    assert after.output.endswith("Nothing is wrong.\n")
    again, _ = run(here, "--fix")
    assert "fixed: " not in again.output


def test_json_is_one_object(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    here.write_settings({})
    told = json.loads(run(here, "--json", "--fix")[0].output)
    assert list(told) == ["checks", "fixed"]
    assert len(told["fixed"]) == 1
    assert set(told["checks"][0]) == {"name", "verdict", "found", "remedy", "fixable"}


def test_a_fix_that_fails_is_told() -> None:
    def fix() -> str:
        raise ConfabError("no")

    assert list(doctor.fixed([Check("a", WARN, "b", "c", fix)])) == ["a could not be fixed: no"]
    assert list(doctor.fixed([Check("a", OK, "b", "c", fix)])) == []


def test_a_theme_that_breaks_hides_nothing_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> list[Check]:
        raise ValueError("canary")

    def fine(_: object) -> list[Check]:
        return [Check("fine", OK, "")]

    monkeypatch.setattr(everything, "THEMES", (("broken", broken), ("fine", fine)))
    found = list(everything.all_checks(home(tmp_path).context))
    assert [(each.name, each.verdict) for each in found] == [("broken", FAIL), ("fine", OK)]


@pytest.mark.parametrize("width", [20, 80, 200])
def test_lines_keep_to_the_width_except_for_what_is_typed(width: int) -> None:
    check = Check("a name", FAIL, "word " * 60, "confab setup --a-long-option --and-another-one")
    for _, line in doctor.lines([check], width):
        assert len(line) <= width or line.startswith("      $ ")


def test_hostile_names_do_not_steer_the_terminal() -> None:
    check = Check("\x1b[2J", FAIL, "\u202e\x07", "rm \x1b]0;")
    assert all(line.isprintable() for _, line in doctor.lines([check], 80))


def test_colours_are_for_terminals_that_want_them(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    assert "\x1b[" not in run(here)[0].output
    assert "\x1b[32mok" in in_a_terminal(here, ["doctor"], "")[1]
    plain = Home(here.root, here.context.from_environ({**here.context.environ, "NO_COLOR": "1"}))
    assert "\x1b[" not in in_a_terminal(plain, ["doctor"], "")[1]


def test_an_output_that_is_closed_early_is_no_error(tmp_path: Path) -> None:
    here = set_up(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "confab_sync", "doctor"],
        env={**here.context.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.parametrize("name", ["there.zip", "no/such/report.zip"])
def test_a_bundle_goes_to_a_new_file_only(tmp_path: Path, name: str) -> None:
    (tmp_path / "there.zip").write_text("mine")
    with pytest.raises(UsageError):
        run(set_up(tmp_path), "--bundle", str(tmp_path / name))
    assert (tmp_path / "there.zip").read_text() == "mine"


def test_a_bundle_is_written_whatever_is_wrong(tmp_path: Path) -> None:
    here = home(tmp_path)
    here.confab.mkdir()
    (here.confab / "config.json").write_text("{")
    _, status = run(here, "--bundle", str(tmp_path / "report.zip"))
    assert status == 1
    assert (tmp_path / "report.zip").stat().st_mode & 0o777 == 0o600
