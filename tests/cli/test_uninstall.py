"""`confab uninstall`: as if it had never been there, the copies apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.cli import hooks, setup
from confab_sync.cli.uninstall import command
from confab_sync.errors import ConfabError, SettingsError, UsageError
from confab_sync.server.instance import only_instance
from tests.cli.homes import Home, home, in_a_terminal, transcript

if TYPE_CHECKING:
    from pathlib import Path


def used(tmp_path: Path, **environ: str) -> Home:
    """A home in which confab was set up and has archived one session."""
    here = home(tmp_path, **environ)
    transcript(here)
    here.write_settings({"model": "x"})
    here.run(setup.command, "--import")
    logs = here.confab / "logs"
    logs.mkdir(exist_ok=True)
    (logs / "0b1c2d3e-1111-2222-3333-444455556666.log").write_text("x\n")
    return here


def test_hooks_and_launcher_go_and_the_copies_stay(tmp_path: Path) -> None:
    here = used(tmp_path)
    store = (here.confab / "store.db").read_bytes()
    result = here.run(command)
    assert here.settings.read_bytes() == b'{\n  "model": "x"\n}'
    assert not (here.confab / "bin").exists()
    assert (here.confab / "store.db").read_bytes() == store
    assert "Kept: the copies in ~/.confab/store.db" in result.output


def test_it_may_be_said_twice_and_without_any_setup(tmp_path: Path) -> None:
    here = used(tmp_path)
    here.run(command)
    assert "There were no hooks of confab" in here.run(command).output
    empty = home(tmp_path / "other")
    assert "There were no hooks of confab" in empty.run(command).output


def test_hooks_go_from_every_settings_file_they_were_added_to(tmp_path: Path) -> None:
    here = home(tmp_path)
    work = home(tmp_path, CLAUDE_CONFIG_DIR=str(tmp_path / "work"))
    here.run(hooks.group, "add")
    work.run(hooks.group, "add")
    here.run(command)
    assert not here.settings.exists()
    assert not (tmp_path / "work" / "settings.json").exists()


def test_the_launcher_stays_while_hooks_that_call_it_cannot_be_removed(tmp_path: Path) -> None:
    here = used(tmp_path)
    here.settings.write_bytes(here.settings.read_bytes() + b"// mine\n")
    with pytest.raises(SettingsError, match="a comment"):
        here.run(command)
    assert (here.confab / "bin" / "confab").exists()


def test_another_program_in_the_launchers_place_stays(tmp_path: Path) -> None:
    here = home(tmp_path)
    (here.confab / "bin").mkdir(parents=True)
    (here.confab / "bin" / "confab").write_bytes(b"\x7fELF")
    here.run(command, "--purge", "--yes")
    assert (here.confab / "bin" / "confab").read_bytes() == b"\x7fELF"


def test_purging_without_a_terminal_needs_a_yes(tmp_path: Path) -> None:
    here = used(tmp_path)
    before = here.everything()
    with pytest.raises(UsageError, match="--yes"):
        here.run(command, "--purge")
    assert here.everything() == before


@pytest.mark.parametrize("answer", ["", "n"])
def test_purging_in_a_terminal_names_what_goes_and_takes_no_for_an_answer(
    tmp_path: Path, answer: str
) -> None:
    here = used(tmp_path)
    before = here.everything()
    status, output = in_a_terminal(here, ["uninstall", "--purge"], answer)
    assert status == 1
    assert "~/.confab/store.db  the copied sessions" in output
    assert here.everything() == before


def test_purging_in_a_terminal_goes_on_after_a_yes(tmp_path: Path) -> None:
    here = used(tmp_path)
    status, _ = in_a_terminal(here, ["uninstall", "--purge"], "y")
    assert status == 0
    assert not here.confab.exists()


def test_purging_leaves_nothing_of_confab(tmp_path: Path) -> None:
    here = used(tmp_path)
    result = here.run(command, "--purge", "--yes")
    assert not here.confab.exists()
    assert "Deleted: the copies in ~/.confab/store.db" in result.output
    left = [name for name, content in here.everything().items() if content is not None]
    assert sorted(left) == sorted(
        [
            ".claude/settings.json",
            ".claude/projects/-p/0b1c2d3e-1111-2222-3333-444455556666.jsonl",
        ]
    )


def test_purging_keeps_and_names_what_is_not_confabs(tmp_path: Path) -> None:
    here = used(tmp_path)
    (here.confab / "diary.txt").write_text("mine")
    (here.confab / "logs" / "notes").write_text("mine")
    result = here.run(command, "--purge", "--yes")
    assert sorted(p.name for p in here.confab.rglob("*")) == ["diary.txt", "logs", "notes"]
    assert "Kept, since it is not confab's: ~/.confab/diary.txt" in result.output
    assert "Kept, since it is not confab's: ~/.confab/logs/notes" in result.output


def test_purging_waits_until_nobody_serves_the_copies(tmp_path: Path) -> None:
    here = used(tmp_path)
    before = here.everything()
    with only_instance(here.context.paths.store) as instance:
        instance.announce("http://127.0.0.1:8790")
        with pytest.raises(ConfabError, match="stop it first"):
            here.run(command, "--purge", "--yes")
    left = here.everything()
    assert {name: left[name] for name in before} == before
    here.run(command, "--purge", "--yes")
    assert not here.confab.exists()


def test_help_has_an_example(tmp_path: Path) -> None:
    assert "Example: confab uninstall" in home(tmp_path).run(command, "--help").output
