from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from confab_sync.errors import PayloadError
from confab_sync.hooks import lane
from confab_sync.presence import lock, marker
from tests.hooks.home import ANSWER, BOOT, Home, is_well_answered
from tests.processes import CHECKOUT, finish, line_of, python

HOOKS = ["session-start", "session-end", "user-prompt-submit"]


def never() -> bytes:
    pytest.fail("nobody should have asked for the payload")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_answers_and_leaves_the_session_with_a_daemon(home: Home, name: str) -> None:
    assert is_well_answered(home.call(name))
    assert lock.is_held(home.paths().lock)


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"\n", b"garbage", b"{", b"[]", b"null", b"{}", b"\0" * 99, b"\xff\xfe", b'{"a" 1}'),
        b"{}" * 1024 * 1024,
        b'{"session_id":"s","transcript_path":"/etc/passwd"}',
        b'{"session_id":"../../s","transcript_path":"/etc/x.jsonl"}',
        b"[" * 100_000,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_hook_answers_whatever_it_is_handed_and_writes_nothing(
    home: Home, name: str, content: bytes
) -> None:
    assert is_well_answered(home.call(name, content=content))
    assert home.written() == []


@pytest.mark.parametrize(
    "arguments", [[], [""], ["unknown"], ["--help"], ["session_start"], ["SESSION-START"]]
)
def test_an_unknown_hook_is_answered(home: Home, arguments: list[str]) -> None:
    assert is_well_answered(home.call(*arguments))
    assert home.written() == []


@pytest.mark.parametrize(
    "arguments", [["--provider", "codex"], ["--provider=codex"], ["--provider"], ["--provider="]]
)
def test_the_session_of_another_assistant_is_not_ours(home: Home, arguments: list[str]) -> None:
    assert is_well_answered(home.call("session-start", *arguments))
    assert home.written() == []


@pytest.mark.parametrize("arguments", [["--provider", "claude-code"], ["--provider=claude-code"]])
def test_our_assistant_may_be_named(home: Home, arguments: list[str]) -> None:
    assert is_well_answered(home.call("session-start", *arguments))
    assert lock.is_held(home.paths().lock)


@pytest.mark.parametrize("name", ["session-start", "user-prompt-submit", "session-end"])
@pytest.mark.parametrize("value", ["1", "true", "no", " "])
def test_who_switches_confab_off_has_it_off(home: Home, name: str, value: str) -> None:
    environ = {**home.environ, "CONFAB_DISABLED": value, "CONFAB_DEBUG": "1"}
    assert is_well_answered(home.call(name, environ=environ))
    assert not lock.is_held(home.paths().lock)
    assert os.listdir(home.paths().directory) == ["s.off"]
    assert marker.reason(home.paths().off) == marker.DISABLED


@pytest.mark.parametrize("value", ["", "0"])
def test_zero_and_nothing_switch_nothing_off(home: Home, value: str) -> None:
    environ = {**home.environ, "CONFAB_DISABLED": value}
    assert is_well_answered(home.call("session-start", environ=environ))
    assert lock.is_held(home.paths().lock)


def file_instead_of(*parts: str) -> Callable[[Home], None]:
    """A file stands where a directory should be: as unwritable for root as for others."""

    def block(home: Home) -> None:
        shutil.rmtree(home.directory / ".confab")
        path = home.directory.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")

    return block


def read_only(home: Home) -> None:
    home.directory.chmod(0o500)  # means nothing to root, who then has a daemon


def link_in_a_circle(home: Home) -> None:
    shutil.rmtree(home.directory / ".confab")
    (home.directory / ".confab").symlink_to(".confab")


TROUBLES = {
    "~/.confab is a file": file_instead_of(".confab"),
    "sync is a file": file_instead_of(".confab", "sync"),
    "the provider's directory is a file": file_instead_of(".confab", "sync", "claude-code"),
    "the home is read-only": read_only,
    "~/.confab is a link to itself": link_in_a_circle,
}


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=list(TROUBLES))
def test_a_hook_answers_where_nothing_can_be_written(
    home: Home, name: str, trouble: Callable[[Home], None]
) -> None:
    trouble(home)
    assert is_well_answered(home.call(name))


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("suffix", [".json", ".inbox.jsonl", ".lock", ".off"])
@pytest.mark.parametrize("kind", ["directory", "link to nowhere"])
def test_a_hook_answers_whatever_stands_where_its_files_should_be(
    home: Home, name: str, suffix: str, kind: str
) -> None:
    directory = Path(home.paths().directory)
    directory.mkdir(parents=True)
    if kind == "directory":
        (directory / f"s{suffix}").mkdir()
    else:
        (directory / f"s{suffix}").symlink_to(home.directory / "nowhere")
    assert is_well_answered(home.call(name))
    assert not (home.directory / "nowhere").exists()


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("value", [None, "", "relative", "/nonexistent/home", "/dev/null"])
def test_a_hook_answers_without_a_usable_home(home: Home, name: str, value: str | None) -> None:
    """The session is refused, since its transcript is below no projects directory then."""
    environ: dict[str, str] = {"PATH": os.defpath}
    if value is not None:
        environ["HOME"] = value
    assert is_well_answered(home.call(name, environ=environ))
    assert home.written() == []


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("prepared", [False, True])
def test_a_hook_answers_on_a_full_disk(home: Home, name: str, prepared: bool) -> None:
    if prepared:
        Path(home.paths().directory).mkdir(parents=True)
    command = f'ulimit -f 0; exec "{sys.executable}" -I -S "{BOOT}" hook {name}'
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        input=json.dumps(home.payload()).encode(),
        capture_output=True,
        env=home.environ,
        check=False,
    )
    assert is_well_answered(done)
    assert not lock.is_held(home.paths().lock)


@pytest.mark.parametrize("name", HOOKS)
@pytest.mark.parametrize("number", [0, 2])
def test_a_hook_answers_with_a_standard_file_closed(home: Home, name: str, number: int) -> None:
    command = f'exec "{sys.executable}" -I -S "{BOOT}" hook {name} {number}>&-'
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        input=json.dumps(home.payload()).encode(),
        capture_output=True,
        env=home.environ,
        check=False,
    )
    assert is_well_answered(done)
    assert lock.is_held(home.paths().lock) == (number == 2)


@pytest.mark.parametrize("name", HOOKS)
def test_a_caller_that_does_not_listen_gets_its_daemon_all_the_same(home: Home, name: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-I", "-S", BOOT, "hook", name],
        input=json.dumps(home.payload()).encode(),
        stdout=writer,
        stderr=subprocess.PIPE,
        env=home.environ,
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
    assert lock.is_held(home.paths().lock)


def test_claude_codes_socket_pairs_will_do(home: Home) -> None:
    mine, theirs = socket.socketpair()
    mine.sendall(json.dumps(home.payload()).encode())
    mine.shutdown(socket.SHUT_WR)
    done = subprocess.run(
        [sys.executable, "-I", "-S", BOOT, "hook", "session-start"],
        stdin=theirs.fileno(),
        stdout=theirs.fileno(),
        env=home.environ,
        check=False,
    )
    theirs.close()
    assert done.returncode == 0
    assert json.loads(mine.makefile().read()) == ANSWER
    mine.close()
    assert lock.is_held(home.paths().lock)


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_that_needs_what_is_seldom_needed_gets_it(home: Home, name: str) -> None:
    """The masker loads half of the standard library, `os` with it."""
    token = "gh" + "p_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    payload = home.payload(cwd=f"/work/{token}")
    assert is_well_answered(home.call(name, content=json.dumps(payload).encode()))
    (record,) = home.records()
    told = record.get("hook_input", record)
    assert told["cwd"] == "/work/[REDACTED:GITHUB_TOKEN]"
    assert told["transcript_path"].endswith("/[REDACTED:PATH]/s.jsonl")


def test_standard_error_is_silent_unless_somebody_debugs(home: Home) -> None:
    debugging = {**home.environ, "CONFAB_DEBUG": "1"}
    done = home.call("session-start", content=b"garbage", environ=debugging)
    assert (done.returncode, json.loads(done.stdout)) == (0, ANSWER)
    assert b"PayloadError: the payload is not JSON" in done.stderr
    assert b"Traceback" in done.stderr


def test_debugging_a_hook_that_works_says_nothing(home: Home) -> None:
    assert is_well_answered(
        home.call("session-start", environ={**home.environ, "CONFAB_DEBUG": "1"})
    )


IMPATIENT = f"""
import os, sys
sys.path.insert(0, {CHECKOUT!r})
from confab_sync.hooks import lane
lane.STDIN_DEADLINE = lane.DEADLINE = 0.05
"""


def test_a_caller_that_never_says_anything_is_answered_at_the_deadline(home: Home) -> None:
    reader, writer = os.pipe()
    code = IMPATIENT + "lane.main(['session-start'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=reader,
        capture_output=True,
        env=home.environ,
        check=False,
    )
    os.close(reader)
    os.close(writer)
    assert is_well_answered(done)


def test_a_hook_that_hangs_is_cut_short_also_where_os_errors_are_passed_over(home: Home) -> None:
    """The alarm is no `OSError`: reading a state, for one, takes those for "no state"."""
    directory = Path(home.paths().directory)
    directory.mkdir(parents=True)
    os.mkfifo(home.paths().state)  # opening it waits for a writer that never comes
    done = subprocess.run(
        [sys.executable, "-c", IMPATIENT + "lane.main(['session-start'])"],
        input=json.dumps(home.payload()).encode(),
        capture_output=True,
        env=home.environ,
        check=False,
    )
    assert is_well_answered(done)
    os.unlink(home.paths().state)


def test_the_daemon_keeps_none_of_the_callers_files(home: Home) -> None:
    """A pipe that a daemon kept open would keep its reader waiting for ever."""
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    high = os.dup2(writer, 300)
    done = home.call("session-start", close_fds=False)
    os.close(writer)
    os.close(high)
    assert is_well_answered(done)
    assert lock.is_held(home.paths().lock)
    assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_package_that_is_being_replaced_is_answered_for(home: Home, tmp_path: Path) -> None:
    broken = tmp_path / "confab_sync"
    broken.mkdir()
    (broken / "boot.py").write_bytes(Path(BOOT).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", f"{broken}/boot.py", "hook", "session-start"],
        input=b"{}",
        capture_output=True,
        check=False,
    )
    assert is_well_answered(done)


def test_many_hooks_at_once_give_one_session_one_daemon(home: Home) -> None:
    code = (
        f"import subprocess, sys\nprint('ready', flush=True)\ncontent = sys.stdin.readline()\n"
        f"done = subprocess.run([sys.executable, '-I', '-S', {BOOT!r}, 'hook', sys.argv[1]],"
        " input=content, capture_output=True, text=True)\n"
        "print(done.stdout + done.stderr, end='')\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        for name, value in home.environ.items():
            patch.setenv(name, value)
        callers = [python(code, name) for name in [*HOOKS[:1] * 3, *HOOKS[2:] * 3]]
    assert {line_of(caller) for caller in callers} == {"ready"}
    content = json.dumps(home.payload()) + "\n"
    for caller in callers:
        assert caller.stdin is not None
        caller.stdin.write(content)
        caller.stdin.flush()
    assert {finish(caller) for caller in callers} == {
        json.dumps(ANSWER, separators=(",", ":")) + "\n"
    }
    assert lock.is_held(home.paths().lock)
    assert home.kinds().count("session_start") >= 3
    assert set(home.kinds()) == {"session_start"}


def run(arguments: list[str], environ: Mapping[str, str], content: bytes) -> str | None:
    return lane.run(arguments, environ, lambda: content)


def test_what_goes_wrong_is_raised_to_the_lane(home: Home) -> None:
    with pytest.raises(PayloadError):
        run(["session-start"], home.environ, b"garbage")
    shutil.rmtree(home.directory / ".confab")
    (home.directory / ".confab").write_text("")
    with pytest.raises(OSError):  # noqa: PT011
        home.run("session-start")


@pytest.mark.parametrize("arguments", [[], ["unknown"], ["session-start", "--provider", "codex"]])
def test_the_payload_is_not_asked_for_when_there_is_no_use_for_it(arguments: list[str]) -> None:
    assert lane.run(arguments, {}, never) is None
