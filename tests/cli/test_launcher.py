"""The launcher: written once, run by /bin/sh, and polite when its Python is gone."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from confab_sync.cli import launcher
from confab_sync.errors import ConfabError
from confab_sync.paths import SessionPaths
from confab_sync.presence import state as states

ANSWER = '{"continue":true,"suppressOutput":true}\n'

REPORTING_BOOT = """
import json, sys
seen = {"argv": sys.argv[1:], "isolated": sys.flags.isolated, "site": "site" in sys.modules}
print(json.dumps(seen))
"""


def installed(tmp_path: Path, *, python: str = sys.executable, boot: str = "") -> str:
    """A launcher whose own path, and that of its boot script, have a space and a quote."""
    script = tmp_path / "o'brien smith" / "boot.py"
    script.parent.mkdir()
    script.write_text(REPORTING_BOOT)
    path = str(tmp_path / "my 'home" / "bin" / "confab")
    assert launcher.write(path, launcher.script(python, boot or str(script)))
    return path


def run(path: str, arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the launcher as Claude Code runs a hook: one command line for /bin/sh."""
    quoted = "'" + path.replace("'", "'\\''") + "'"
    return subprocess.run(
        ["/bin/sh", "-c", f"{quoted} {arguments}"],
        input='{"session_id": "x"}',
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_hook_starts_isolated_without_site(tmp_path: Path) -> None:
    done = run(installed(tmp_path), "hook session-start --provider claude-code")
    assert json.loads(done.stdout) == {
        "argv": ["hook", "session-start", "--provider", "claude-code"],
        "isolated": 1,
        "site": False,
    }


def test_anything_else_goes_to_the_commands_with_its_arguments_whole(tmp_path: Path) -> None:
    done = run(installed(tmp_path), "sync status 'a b' ''")
    seen = json.loads(done.stdout)
    assert seen["argv"] == ["cli", "sync", "status", "a b", ""]
    assert seen["site"]


def test_without_arguments_it_still_starts_the_commands(tmp_path: Path) -> None:
    assert json.loads(run(installed(tmp_path), "").stdout)["argv"] == ["cli"]


@pytest.mark.parametrize("gone", ["python", "boot"])
def test_when_its_python_is_gone_a_hook_is_answered_all_the_same(tmp_path: Path, gone: str) -> None:
    nowhere = str(tmp_path / "gone")
    path = (
        installed(tmp_path, python=nowhere)
        if gone == "python"
        else installed(tmp_path, boot=nowhere)
    )
    done = run(path, "hook session-end --provider claude-code")
    assert (done.returncode, done.stdout, done.stderr) == (0, ANSWER, "")


def test_when_its_python_is_gone_a_person_is_told_what_to_do(tmp_path: Path) -> None:
    done = run(installed(tmp_path, python=str(tmp_path / "gone")), "sync status")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "install confab-sync again, then run `confab setup`" in done.stderr


def test_it_starts_no_process_but_confab(tmp_path: Path) -> None:
    text = Path(installed(tmp_path)).read_text()
    assert "$(" not in text
    assert "|" not in text.replace("||", "")


def test_it_is_executable_in_a_private_directory(tmp_path: Path) -> None:
    path = Path(installed(tmp_path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert os.listdir(path.parent) == ["confab"]
    assert launcher.is_whole(str(path))


def test_writing_it_again_unchanged_keeps_its_times(tmp_path: Path) -> None:
    path = str(tmp_path / "bin" / "confab")
    content = launcher.script("/usr/bin/python3", "/lib/boot.py")
    assert launcher.write(path, content)
    before = os.stat(path)
    assert not launcher.write(path, content)
    after = os.stat(path)
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)


def test_a_launcher_of_another_installation_is_replaced(tmp_path: Path) -> None:
    path = str(tmp_path / "bin" / "confab")
    launcher.write(path, launcher.script("/old/python", "/old/boot.py"))
    new = launcher.script("/new/python", "/new/boot.py")
    assert launcher.write(path, new)
    assert launcher.read(path) == new


def test_a_lost_execute_bit_is_given_back(tmp_path: Path) -> None:
    path = str(tmp_path / "bin" / "confab")
    content = launcher.script("/usr/bin/python3", "/lib/boot.py")
    launcher.write(path, content)
    os.chmod(path, 0o644)
    assert launcher.write(path, content)
    assert launcher.is_whole(path)


def test_another_program_in_its_place_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "confab"
    path.write_bytes(b"\x7fELF of the Go CLI")
    with pytest.raises(ConfabError, match="another program"):
        launcher.write(str(path), b"#!/bin/sh\n")
    assert path.read_bytes() == b"\x7fELF of the Go CLI"


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "bin").write_bytes(b"")
    with pytest.raises(ConfabError, match="cannot be written"):
        launcher.write(str(tmp_path / "bin" / "confab"), b"#!/bin/sh\n")


def program(path: Path, magic: bytes = b"\x7fELF") -> str:
    path.write_bytes(magic + b"\0" * 60)
    path.chmod(0o755)
    return str(path)


def test_the_interpreter_of_a_virtual_environment_is_called_by_its_own_path(
    tmp_path: Path,
) -> None:
    real = program(tmp_path / "python3.11")
    (tmp_path / "venv-python").symlink_to(real)
    link = str(tmp_path / "venv-python")
    assert launcher.interpreter(link, real) == link


def test_the_shim_of_a_version_manager_is_passed_over(tmp_path: Path) -> None:
    real = program(tmp_path / "python3.11")
    shim = program(tmp_path / "python", b"#!/usr/bin/env bash\n")
    assert launcher.interpreter(shim, real) == real


@pytest.mark.parametrize("magic", [b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"])
def test_programs_of_macos_are_programs(tmp_path: Path, magic: bytes) -> None:
    real = program(tmp_path / "python3", magic)
    assert launcher.interpreter(real, "") == real


def test_no_interpreter_at_all_is_an_error(tmp_path: Path) -> None:
    shim = program(tmp_path / "python", b"#!/bin/sh\n")
    for executable in ("", shim, str(tmp_path / "gone")):
        with pytest.raises(ConfabError, match="not an interpreter"):
            launcher.interpreter(executable, "")


def test_the_running_interpreter_is_one() -> None:
    assert os.path.samefile(launcher.interpreter(sys.executable, ""), sys.executable)


def test_the_boot_script_is_the_packages_own() -> None:
    assert os.path.isfile(launcher.boot_path())


SESSION = "0b1c-x"


def status_line(
    tmp_path: Path, payload: str = f'{{"a": 1, "session_id": "{SESSION}", "b": 2}}'
) -> str:
    """What the launcher says in the status line; it must not need its Python."""
    path = installed(tmp_path, python="/nowhere")
    done = subprocess.run(
        [path, "statusline"],
        input=payload,
        env={"CONFAB_HOME": str(tmp_path / "confab home")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def write_state(tmp_path: Path, connection: str, behind: int | None) -> None:
    directory = tmp_path / "confab home" / "sync" / "claude-code"
    directory.mkdir(parents=True)
    paths = SessionPaths(str(directory), "claude-code", SESSION)
    fresh = states.initial(paths, transcript_path="/t", cwd="/", parent=None, run_id="r")
    told = {} if behind is None else {"behind_bytes": behind, "files": [{"behind_bytes": 7}]}
    states.write(paths.state, {**fresh, "connection": connection, **told})


@pytest.mark.parametrize(
    ("connection", "behind", "said"),
    [
        ("online", 0, "saved"),
        ("online", 12, "saving"),
        ("offline", 12, "offline, saved later"),
        ("error", 0, "not saved, see confab sync status"),
        ("idle", None, "ready"),
    ],
)
def test_the_status_line_says_how_the_session_stands(
    tmp_path: Path, connection: str, behind: int | None, said: str
) -> None:
    write_state(tmp_path, connection, behind)
    assert status_line(tmp_path) == f"confab: {said}\n"


def test_the_status_line_says_that_a_session_is_kept_off(tmp_path: Path) -> None:
    write_state(tmp_path, "online", 0)
    (tmp_path / "confab home" / "sync" / "claude-code" / f"{SESSION}.off").touch()
    assert status_line(tmp_path) == "confab: not copied\n"


@pytest.mark.parametrize(
    "payload",
    ["", "{}", '{"session_id": "../../etc/passwd"}', '{"session_id": ""}', '{"session_id"', "\n\n"],
)
def test_the_status_line_is_empty_where_there_is_nothing_to_say(
    tmp_path: Path, payload: str
) -> None:
    write_state(tmp_path, "online", 0)
    assert status_line(tmp_path, payload) == ""


def test_the_status_line_reads_a_payload_of_several_lines(tmp_path: Path) -> None:
    write_state(tmp_path, "online", 0)
    payload = json.dumps({"model": {"id": "x"}, "session_id": SESSION}, indent=2)
    assert status_line(tmp_path, payload) == "confab: saved\n"
