from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from confab_sync import __main__ as front_door
from confab_sync.cli import main as commands
from confab_sync.errors import ConfabError, ConfigError, SessionNotFound, StoreError, UsageError
from confab_sync.presence import lock, marker
from tests.hooks.home import ANSWER, Home, home_in
from tests.processes import CHECKOUT, line_of

TEMPORARY_COMMANDS = """
import sys
import click
sys.path.insert(0, sys.argv[1])
from confab_sync import __main__ as front_door
from confab_sync.cli.main import cli

@cli.command()
def wait():
    print("ready", flush=True)
    sys.stdin.read()

@cli.command()
def talk():
    for number in range(100_000):
        click.echo(f"line {number}")

@cli.command()
def whisper():
    sys.stdin.read()
    print("so little that nothing is written before the end")

cli.list_commands = lambda context: ["wait", "talk", "whisper"]
cli.get_command = lambda context, name: cli.commands.get(name)
sys.exit(front_door.main(sys.argv[2:]))
"""
"""The front door with two commands of our own: one that waits, and one that talks a lot."""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with home_in(tmp_path) as home:
        yield home


def confab(
    home: Home,
    *words: str,
    content: bytes = b"",
    environ: dict[str, str] | None = None,
    **options: Any,
) -> subprocess.CompletedProcess[bytes]:
    """Run the command `confab` in a process of its own."""
    if "stdin" not in options:
        options["input"] = content
    return subprocess.run(
        [sys.executable, "-m", "confab_sync", *words],
        capture_output=True,
        cwd=CHECKOUT,
        env={**home.environ, **(environ or {})},
        check=False,
        **options,
    )


def payload(home: Home) -> bytes:
    return json.dumps(home.payload()).encode()


def fail_with(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every command fail like this."""

    def fail(_context: click.Context) -> None:
        raise error

    monkeypatch.setattr(commands.cli, "invoke", fail)


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (UsageError("what"), 2, "confab: what"),
        (SessionNotFound("abc"), 3, "confab: no session starts with 'abc'"),
        (ConfigError("line 3: broken"), 4, "confab: line 3: broken"),
        (StoreError("full"), 5, "confab: full"),
        (ConfabError("other"), 1, "confab: other"),
        (ConfabError("a\x1b[2J\nb\u202e"), 1, "confab: a\\x1b[2J\\nb\\u202e"),
        (PermissionError(13, "Permission denied", "/x"), 1, "confab: /x: Permission denied"),
        (OSError("told otherwise"), 1, "confab: told otherwise"),
        (RuntimeError("oops"), 1, "confab: a fault of its own"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (click.Abort(), 130, "interrupted"),
        (click.UsageError("no such option"), 2, "confab: no such option; see"),
        (click.exceptions.Exit(7), 7, ""),
    ],
)
def test_every_failure_is_one_line_and_its_exit_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    status: int,
    line: str,
) -> None:
    fail_with(monkeypatch, error)
    assert front_door.main(["sync", "status"]) == status
    said = capsys.readouterr()
    assert said.out == ""
    assert line in said.err
    assert "Traceback" not in said.err
    assert said.err.count("\n") <= (2 if isinstance(error, click.UsageError) else 1)


@pytest.mark.parametrize("error", [ConfabError("known"), OSError("disk"), RuntimeError("unknown")])
def test_who_debugs_sees_where_it_went_wrong(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setenv("CONFAB_DEBUG", "1")
    fail_with(monkeypatch, error)
    with pytest.raises(type(error), match=str(error)):
        front_door.main(["sync", "status"])


def test_the_traceback_is_only_for_who_debugs(home: Home) -> None:
    (home.directory / ".confab").mkdir(mode=0o700, exist_ok=True)
    quiet = confab(home, "session", "list-files", "no-such-session")
    assert quiet.returncode == 3
    assert quiet.stderr.count(b"\n") == 1
    loud = confab(home, "session", "list-files", "no-such-session", environ={"CONFAB_DEBUG": "1"})
    assert loud.returncode == 1
    assert b"Traceback" in loud.stderr


@pytest.mark.parametrize(("returned", "status"), [(None, 0), (3, 3), ("text", 0)])
def test_a_command_may_choose_its_exit_status(
    monkeypatch: pytest.MonkeyPatch, returned: object, status: int
) -> None:
    monkeypatch.setattr(commands.cli, "invoke", lambda _context: returned)
    assert front_door.main(["sync", "status"]) == status


def test_help_and_version_succeed(home: Home) -> None:
    helped = confab(home, "--help")
    assert (helped.returncode, helped.stderr) == (0, b"")
    assert b"sync" in helped.stdout
    versioned = confab(home, "--version")
    assert (versioned.returncode, versioned.stderr) == (0, b"")


@pytest.mark.parametrize("words", [[], ["no-such-command"], ["sync", "status", "--no-such-option"]])
def test_an_impossible_command_line_is_status_2(home: Home, words: list[str]) -> None:
    done = confab(home, *words)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


def test_without_a_home_a_person_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import pwd

    def unknown(_uid: int) -> pwd.struct_passwd:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setenv("HOME", "")
    assert front_door.main(["sync", "status"]) == 1
    assert capsys.readouterr().err == "confab: your home directory is unknown; set HOME\n"


def test_shells_are_told_how_to_complete(home: Home) -> None:
    done = confab(home, environ={"_CONFAB_COMPLETE": "bash_source"})
    assert done.returncode == 0
    assert b"_CONFAB_COMPLETE=bash_complete" in done.stdout


def own_commands(home: Home, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", TEMPORARY_COMMANDS, CHECKOUT, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=home.environ,
    )


def test_ctrl_c_is_one_word_and_the_status_that_shells_expect(home: Home) -> None:
    waiting = own_commands(home, "wait")
    assert line_of(waiting) == "ready"
    waiting.send_signal(signal.SIGINT)
    _, complaint = waiting.communicate()
    assert waiting.returncode == 130
    assert complaint == "interrupted\n"


def test_a_reader_that_has_seen_enough_is_no_failure(home: Home) -> None:
    talking = own_commands(home, "talk")
    assert line_of(talking) == "line 0"
    assert talking.stdout is not None
    talking.stdout.close()
    assert talking.stderr is not None
    assert talking.stderr.read() == ""
    assert talking.wait() == 0
    talking.stderr.close()
    assert talking.stdin is not None
    talking.stdin.close()


def test_a_reader_that_has_left_before_the_first_word_is_no_failure(home: Home) -> None:
    whispering = own_commands(home, "whisper")
    assert whispering.stdout is not None
    whispering.stdout.close()
    assert whispering.stdin is not None
    whispering.stdin.close()
    assert whispering.stderr is not None
    assert whispering.stderr.read() == ""
    assert whispering.wait() == 0
    whispering.stderr.close()


@pytest.mark.parametrize(("words", "status"), [(["no-such-command"], 2), (["show", "zz"], 3)])
def test_a_complaint_that_nobody_reads_has_its_exit_status_all_the_same(
    home: Home, words: list[str], status: int
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "confab_sync", *words],
        stdout=writer,
        stderr=writer,
        cwd=CHECKOUT,
        env=home.environ,
        check=False,
    )
    os.close(writer)
    assert done.returncode == status


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["no-such-command"], "no such command 'no-such-command'; see `confab --help`"),
        (["store", "prune"], "missing option '--keep'; see `confab store prune --help`"),
        (["show"], "missing argument 'ID'; see `confab show --help`"),
        (["list", "--limit", "x"], "for '-n' / '--limit': 'x' is not a valid integer range"),
        (["completion"], "Choose from: bash, zsh, fish; see `confab completion --help`"),
        (["list", "--sinse", "1d"], "'--since'?); see `confab list --help`"),
    ],
)
def test_an_impossible_command_line_is_one_line_that_names_the_help(
    home: Home, words: list[str], complaint: str
) -> None:
    said = confab(home, *words).stderr.decode()
    assert said.startswith("confab: ")
    assert said.count("\n") == 1
    assert complaint in said


def test_nor_is_a_reader_that_never_wanted_anything(home: Home) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "confab_sync", "--help"],
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=CHECKOUT,
        env=home.environ,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_hook_takes_the_fast_lane(home: Home) -> None:
    done = confab(home, "hook", "session-start", content=payload(home))
    assert (done.returncode, json.loads(done.stdout)) == (0, ANSWER)
    assert lock.is_held(home.paths().lock)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (["sync", "start"], "session_start"),
        (["sync", "start", "--provider", "claude-code"], "session_start"),
        (["sync", "start", "--provider=claude-code"], "session_start"),
        (["sync", "stop"], "session_end"),
        (["sync", "stop", "--provider", "claude-code"], "session_end"),
    ],
)
def test_the_old_names_are_hooks_when_a_payload_comes_with_them(
    home: Home, words: list[str], kind: str
) -> None:
    done = confab(home, *words, content=payload(home))
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == ANSWER
    assert home.kinds() == [kind]
    assert lock.is_held(home.paths().lock)


@pytest.mark.parametrize("content", [b"", b"\n", b"yes\n", b"[]", b"7", b'"x"', b"{", b"\xff"])
def test_without_a_payload_sync_stop_is_the_persons_command(home: Home, content: bytes) -> None:
    done = confab(home, "sync", "stop", content=content)
    assert done.returncode == 2
    assert b"name the sessions to stop" in done.stderr
    assert done.stdout == b""


def test_without_a_payload_sync_start_explains_itself(home: Home) -> None:
    done = confab(home, "sync", "start")
    assert done.returncode == 2
    assert b"old name of the session-start hook" in done.stderr


def test_a_payload_is_never_taken_from_a_terminal(home: Home) -> None:
    master, slave = os.openpty()
    done = confab(home, "sync", "stop", stdin=slave)
    os.close(slave)
    os.close(master)
    assert done.returncode == 2


@pytest.mark.parametrize("words", [["sync", "stop", "--all"], ["sync", "stop", "s", "--wait"]])
def test_a_persons_sync_stop_is_not_a_hook_whatever_comes_with_it(
    home: Home, words: list[str]
) -> None:
    home.run("session-start")
    done = confab(home, *words, content=payload(home))
    assert done.returncode == 0
    assert b"off until Claude Code starts this session again" in done.stdout
    assert marker.reason(home.paths().off) == marker.STOPPED


def test_the_payload_of_another_assistant_is_no_hook_of_ours(home: Home) -> None:
    done = confab(home, "sync", "start", "--provider", "codex", content=payload(home))
    assert done.returncode == 2
    assert not os.path.exists(home.paths().directory)
