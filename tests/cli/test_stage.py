import contextlib
import fcntl
import json
import os
import shlex
import stat
from pathlib import Path

import pytest

from confab_sync.cli.stage import stage
from confab_sync.errors import ConfabError

ENVIRON = {"PATH": os.environ["PATH"], "HOME": "/nowhere"}


def program(tmp_path: Path, script: str) -> tuple[str, str]:
    """A stand-in for the command `confab`: a shell script."""
    path = tmp_path / "confab.sh"
    path.write_text(script)
    return ("/bin/sh", str(path))


def test_the_home_is_private_and_gone_afterwards() -> None:
    with stage(ENVIRON) as here:
        assert stat.S_IMODE(os.stat(here.home).st_mode) == 0o700
    assert not Path(here.home).exists()


def test_the_home_is_gone_after_an_interrupt() -> None:
    with pytest.raises(KeyboardInterrupt), stage(ENVIRON) as here:
        raise KeyboardInterrupt
    assert not Path(here.home).exists()


def test_no_variable_leads_out_of_the_home() -> None:
    leading_out = {
        "CONFAB_HOME": "/mine",
        "CONFAB_CONFIG_PATH": "/mine/config.json",
        "CLAUDE_CONFIG_DIR": "/mine/claude",
        "CLAUDECODE": "1",
        "XDG_DATA_HOME": "/mine/data",
    }
    with stage({**ENVIRON, **leading_out, "LANG": "C.UTF-8"}) as here:
        assert here.environ["HOME"] == here.home
        assert here.environ["LANG"] == "C.UTF-8"
        assert not [text for text in here.environ.values() if "/mine" in text]
        assert not here.environ.keys() & leading_out.keys()


def test_a_command_that_fails_is_told_with_its_words(tmp_path: Path) -> None:
    failing = program(tmp_path, "echo 'the disk is full' >&2; exit 5")
    told = "`confab setup --no-import` failed: the disk is full"
    with stage(ENVIRON, failing) as here, pytest.raises(ConfabError, match=told):
        here.confab("setup", "--no-import")


def test_a_session_that_is_left_early_ends_with_its_hooks() -> None:
    with stage(ENVIRON) as here:
        command = """cat >> "$HOME/seen"; echo '{"continue":true}'"""
        hooks = {"SessionEnd": [{"hooks": [{"type": "command", "command": command}]}]}
        settings = Path(here.home, ".claude/settings.json")
        settings.parent.mkdir()
        settings.write_text(json.dumps({"hooks": hooks}))
        with here.claude_code(60) as process:
            assert process.stdout is not None
            process.stdout.readline()  # SessionStart is over
        assert process.returncode == 0
        assert json.loads(Path(here.home, "seen").read_text())["reason"] == "other"


def test_a_daemon_that_does_not_leave_is_stopped_and_reported(tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    stopping = program(tmp_path, f'echo "$@" > {shlex.quote(str(asked))}')
    with contextlib.ExitStack() as held:

        def leave_one_running() -> None:
            with stage(ENVIRON, stopping, patience=0) as here:
                locks = Path(here.home, ".confab/sync/claude-code")
                locks.mkdir(parents=True)
                lock = held.enter_context((locks / "0b1c.lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)

        with pytest.raises(ConfabError, match="still running after its session ended: 0b1c"):
            leave_one_running()
    assert asked.read_text() == "sync stop --all --wait\n"
