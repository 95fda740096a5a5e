"""`confab restore` puts a session back whole, and what is added to it is archived behind it."""

from __future__ import annotations

import json
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.claude.directories import project_dir
from confab_sync.cli.restore import command
from confab_sync.errors import ConfabError, SessionNotFound
from confab_sync.presence import lock
from confab_sync.store.store import Store
from tests.cli.archives import NOW, ONE, Home

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

LINES = b'{"type": "user", "message": {"content": "a"}}\n'
SECRET = b'{"type": "user", "message": {"content": "ghp_' + b"9aB3" * 9 + b'"}}\n'


def archived(tmp_path: Path, data: bytes = LINES) -> Home:
    """A session that is archived with a subagent and a side file, and gone from the disk."""
    home = Home(tmp_path)
    home.write(data)
    home.write(LINES, relative="subagents/agent-a1.jsonl")
    home.write(b"out", relative="tool-results/1.txt")
    work = tmp_path / "work"
    work.mkdir()
    home.archive(cwd=str(work), masked=True)
    remove(home)
    return home


def remove(home: Home) -> None:
    for place, directories, files in os.walk(home.project, topdown=False):
        for name in files:
            os.unlink(os.path.join(place, name))
        for name in directories:
            os.rmdir(os.path.join(place, name))


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=home.context, catch_exceptions=False)


def generations(home: Home) -> list[int]:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        session = store.find_session(ONE)
        return [file.generation for file in store.files(session.session_id)]


def content(home: Home, name: str = f"{ONE}.jsonl") -> bytes:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        session = store.find_session(ONE)
        return b"".join(store.read_file(session.session_id, name))


def test_all_files_are_where_they_were(tmp_path: Path) -> None:
    home = archived(tmp_path)
    said = run(home, ONE[:4]).stdout
    assert f"Restored 3 files to ~/.claude/projects/-home-u-app/{ONE}.jsonl." in said
    assert f"cd {tmp_path}/work\n    claude --resume {ONE}\n" in said
    assert home.transcript().read_bytes() == LINES
    below = home.transcript().with_suffix("")
    assert (below / "subagents" / "agent-a1.jsonl").read_bytes() == LINES
    assert (below / "tool-results" / "1.txt").read_bytes() == b"out"


@pytest.mark.parametrize("data", [LINES, SECRET])
def test_what_is_added_is_archived_behind_what_was(tmp_path: Path, data: bytes) -> None:
    home = archived(tmp_path, data)
    copy = content(home)
    assert (copy == data) == (data == LINES)
    run(home, ONE)
    with home.transcript().open("ab") as stream:
        stream.write(LINES)
    home.archive(masked=True)
    assert content(home) == copy + LINES == home.transcript().read_bytes()
    assert set(generations(home)) == {1}


def test_what_stays_masked_is_counted(tmp_path: Path) -> None:
    home = archived(tmp_path, SECRET * 2)
    assert "2 secrets in it stay masked" in run(home, ONE).stdout


def test_it_goes_where_the_sessions_of_a_checkout_lie(tmp_path: Path) -> None:
    home = archived(tmp_path)
    (tmp_path / "my_app.1").mkdir()
    told = json.loads(run(home, ONE, "--to", str(tmp_path / "my_app.1"), "--json").stdout)
    assert told["cwd"] == str(tmp_path / "my_app.1")
    name = str(tmp_path / "my_app.1").translate(str.maketrans("/_.", "---"))
    assert told["transcript_path"] == f"{home.project.parent}/{name}/{ONE}.jsonl"
    assert os.path.exists(told["transcript_path"])


def test_a_session_whose_file_is_there_is_left_alone(tmp_path: Path) -> None:
    home = archived(tmp_path)
    home.write(b"mine\n")
    with pytest.raises(ConfabError, match=r"nothing was written, and `claude --resume \S+` goes"):
        run(home, ONE)
    assert home.transcript().read_bytes() == b"mine\n"
    assert not home.transcript().with_suffix("").exists()


def test_a_session_with_a_daemon_is_left_alone(tmp_path: Path) -> None:
    home = archived(tmp_path)
    taken = lock.take(home.session().lock)
    assert taken is not None
    try:
        with pytest.raises(ConfabError, match="a daemon has the session"):
            run(home, ONE)
    finally:
        os.close(taken)
    assert not home.transcript().exists()


def test_nobody_holds_the_session_afterwards(tmp_path: Path) -> None:
    home = archived(tmp_path)
    run(home, ONE)
    assert not lock.is_held(home.session().lock)
    assert not os.path.lexists(home.session().lock)


def test_a_project_that_is_not_here_has_to_be_named(tmp_path: Path) -> None:
    home = archived(tmp_path)
    os.rmdir(tmp_path / "work")
    with pytest.raises(ConfabError, match="not on this machine; name the project's"):
        run(home, ONE)
    with pytest.raises(ConfabError, match="there is no directory"):
        run(home, ONE, "--to", str(tmp_path / "nowhere"))


def test_a_remembered_place_outside_of_claudes_is_not_believed(tmp_path: Path) -> None:
    home = archived(tmp_path)
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, f"{tmp_path}/elsewhere/{ONE}.jsonl", f"{tmp_path}/work")
    with pytest.raises(ConfabError, match="--to DIR"):
        run(home, ONE)


def test_an_unknown_session_is_said_to_be_unknown(tmp_path: Path) -> None:
    with pytest.raises(SessionNotFound):
        run(archived(tmp_path), "none")


def test_names_of_projects_are_made_as_claude_code_makes_them(tmp_path: Path) -> None:
    assert project_dir("/p", "/a b/ü_.c-D") == "/p/-a-b----c-D"
    long = "/" + "x" * 300
    assert project_dir(str(tmp_path), long) is None
    (tmp_path / ("-" + "x" * 199 + "-1a2b3c")).mkdir()
    assert project_dir(str(tmp_path), long) == f"{tmp_path}/-{'x' * 199}-1a2b3c"


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_session_of_a_bound_directory_is_put_back_below_that_and_no_other(
    tmp_path: Path, elsewhere: bool
) -> None:
    home = archived(tmp_path)
    bound = (tmp_path / "claude work").resolve()
    bound.mkdir()
    content = {"bindings": {"claude-code": {str(bound): {"embedded": True}}}}
    (tmp_path / "confab" / "config.json").write_text(json.dumps(content))
    lay = bound / "projects" / "-w" / f"{ONE}.jsonl"
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, str(lay), str(tmp_path / "work"))
    other = tmp_path / "checkout"
    other.mkdir()
    said = run(home, ONE, *(["--to", str(other)] if elsewhere else [])).stdout
    (restored,) = bound.glob(f"projects/*/{ONE}.jsonl")
    assert restored == lay or elsewhere
    assert f"    CLAUDE_CONFIG_DIR='{bound}' claude --resume {ONE}\n" in said
    assert not list(home.project.iterdir())
