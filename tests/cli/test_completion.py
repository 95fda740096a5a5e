"""Completion in a real bash, and of ids from what is on disk."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from confab_sync.cli.completion import command
from confab_sync.cli.ids import ids
from confab_sync.store.schema import OWNER
from tests.cli.archives import ONE, TWO, Home

BASH = shutil.which("bash") or ""
FISH = shutil.which("fish") or ""
ZSH = shutil.which("zsh") or ""


def script(shell: str) -> str:
    result = CliRunner().invoke(command, [shell], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def installed(home: Home) -> dict[str, str]:
    """The environment of a shell that finds `confab`."""
    directory = home.directory / "bin"
    directory.mkdir(exist_ok=True)
    program = directory / "confab"
    path = ":".join(sys.path)
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH='{path}' exec '{sys.executable}' -m confab_sync \"$@\"\n"
    )
    program.chmod(0o755)
    return {**home.environ, "PATH": f"{directory}:/usr/bin:/bin", "TERM": "dumb", "LANG": "C.UTF-8"}


def completed(home: Home, *words: str) -> list[str]:
    """What a real bash offers for the last of `words`."""
    line = " ".join(words)
    ask = f"""
        {script("bash")}
        COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
        COMP_CWORD={len(words) - 1}
        COMP_LINE='{line}'
        COMP_POINT={len(line)}
        _confab_completion confab
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        [BASH, "--norc", "-c", ask],
        env=installed(home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def completed_by_fish(home: Home, line: str) -> list[str]:
    """What a real fish offers for the last word of `line`, without the descriptions."""
    path = home.directory / "confab.fish"
    path.write_text(script("fish"))
    done = subprocess.run(
        [FISH, "--no-config", "-c", f"source {path}; complete -C '{line}'"],
        env=installed(home),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return [offered.partition("\t")[0] for offered in done.stdout.splitlines()]


def shown_by_zsh(home: Home, line: str, *expected: str) -> str:
    """What a real zsh that was just installed shows after Tab, as soon as all is there."""
    path = home.directory / "confab.zsh"
    path.write_text(script("zsh"))
    controller, terminal = pty.openpty()
    shell = subprocess.Popen(
        [ZSH, "-f", "-i"],
        env=installed(home),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    shown = b""
    try:
        typed = f"PROMPT=; source {path}; print re''ady\n"
        os.write(controller, typed.encode())
        while b"ready" not in shown.replace(typed.strip().encode(), b""):
            shown += os.read(controller, 4096)
        os.write(controller, line.encode() + b"\t\t")
        end = time.monotonic() + 30
        while not all(word.encode() in shown for word in expected):
            assert time.monotonic() < end, shown
            if select.select([controller], [], [], 0.1)[0]:
                shown += os.read(controller, 4096)
    finally:
        shell.kill()
        shell.wait()
        os.close(controller)
    return shown.decode(errors="replace")


def known(home: Home, *names: str) -> None:
    with closing(home.registry()) as registry:
        for name in names:
            registry.see("claude-code", name, f"/p/{name}.jsonl", "/w")


@pytest.mark.skipif(not BASH, reason="there is no bash")
def test_bash_completes_commands_options_and_ids(tmp_path: Path) -> None:
    home = Home(tmp_path)
    known(home, ONE, TWO)
    assert set(completed(home, "confab", "sta")) == {"status", "statusline"}
    assert completed(home, "confab", "doctor", "--f") == ["--fix"]
    assert completed(home, "confab", "show", "111") == [ONE]
    assert set(completed(home, "confab", "sync", "stop", "")) == {ONE, TWO}
    assert completed(home, "confab", "session", "download", "222") == [TWO]
    assert completed(home, "confab", "completion", "f") == ["fish"]


@pytest.mark.skipif(not FISH, reason="there is no fish")
def test_fish_completes_commands_options_and_ids(tmp_path: Path) -> None:
    home = Home(tmp_path)
    known(home, ONE, TWO)
    assert set(completed_by_fish(home, "confab sta")) == {"status", "statusline"}
    assert completed_by_fish(home, "confab doctor --f") == ["--fix"]
    assert completed_by_fish(home, "confab show 111") == [ONE]
    assert set(completed_by_fish(home, "confab sync stop ")) == {ONE, TWO}


@pytest.mark.skipif(not ZSH, reason="there is no zsh")
def test_zsh_completes_commands_and_ids_also_where_completion_was_not_switched_on(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    known(home, ONE, TWO)
    assert "command not found" not in shown_by_zsh(home, "confab sta", "status", "statusline")
    shown_by_zsh(home, "confab show 111", ONE)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_confab(shell: str) -> None:
    text = script(shell)
    assert f"_CONFAB_COMPLETE={shell}_complete" in text
    found = shutil.which(shell)
    if found:
        subprocess.run([found, "-n", "/dev/stdin"], input=text, text=True, check=True)


def test_ids_come_from_the_registry_and_the_store(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.write(b"one\n")
    home.archive()
    Path(home.paths.registry).unlink()
    known(home, TWO)
    assert ids(home.context, "") == [TWO, ONE]
    assert ids(home.context, "1") == [ONE]


def test_other_users_of_the_store_are_not_offered() -> None:
    from confab_sync.cli.ids import STORED

    assert f"user_id = {OWNER}" in STORED


@pytest.mark.parametrize("beginning", ["*", "[0-9]", "../x", "1'--"])
def test_what_no_id_begins_with_completes_to_nothing(tmp_path: Path, beginning: str) -> None:
    home = Home(tmp_path)
    known(home, ONE)
    assert ids(home.context, beginning) == []


def test_nothing_is_made_and_nothing_raised_without_databases(tmp_path: Path) -> None:
    home = Home(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert ids(home.context, "") == []
    assert sorted(tmp_path.rglob("*")) == before
    home.damage_the_registry()
    assert ids(home.context, "") == []


def test_asking_for_ids_loads_neither_rich_nor_httpx(tmp_path: Path) -> None:
    home = Home(tmp_path)
    known(home, ONE)
    code = (
        "import os, sys\n"
        "from confab_sync.__main__ import main\n"
        "try:\n    main([])\nexcept SystemExit: pass\n"
        "print(sorted({'rich', 'httpx', 'asyncio'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **home.environ,
            "PYTHONPATH": ":".join(sys.path),
            "_CONFAB_COMPLETE": "bash_complete",
            "COMP_WORDS": "confab show ",
            "COMP_CWORD": "2",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"plain,{ONE}\n"
    assert done.stderr == "[]\n"
