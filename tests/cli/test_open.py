"""`confab open` names the page of a session, and says what to start when there is none."""

from __future__ import annotations

import stat
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli.open import command
from confab_sync.config import write_config
from confab_sync.errors import ConfabError, SessionNotFound
from confab_sync.server.instance import only_instance
from confab_sync.store.schema import OWNER
from confab_sync.store.store import Store
from confab_sync.store.values import SessionInfo
from tests.cli.archives import NOW, ONE, Home
from tests.processes import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

URL = "http://127.0.0.1:8790"


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, obj=home.context, catch_exceptions=False)


def archive(home: Home) -> str:
    with Store.open(home.paths.store, clock=lambda: NOW) as store:
        return store.open_session(SessionInfo("claude-code", ONE, "/t")).session_id


def test_a_session_of_the_store_is_opened_at_the_server_that_runs_here(tmp_path: Path) -> None:
    home = Home(tmp_path)
    session_id = archive(home)
    with only_instance(home.paths.store) as instance:
        instance.announce(URL)
        said = run(home, ONE[:6], "--print")
        assert said.stdout == f"{URL}/sessions/{session_id}\n"
        assert "confab serve users link" in said.stderr
        with Store.open(home.paths.store, clock=lambda: NOW) as store:
            store.accounts.add_key(OWNER, "k", "cfb_" + "x" * 40)
        assert run(home, ONE[:6], "--print").stderr == ""
        assert run(home, "--print").stdout == f"{URL}/\n"


def test_without_a_server_the_command_that_starts_one_is_said(tmp_path: Path) -> None:
    home = Home(tmp_path)
    archive(home)
    for arguments in ([ONE], []):
        with pytest.raises(ConfabError, match="start `confab serve`"):
            run(home, *arguments, "--print")


def test_a_server_that_has_not_said_where_it_is_is_none(tmp_path: Path) -> None:
    home = Home(tmp_path)
    archive(home)
    with only_instance(home.paths.store), pytest.raises(ConfabError, match="confab serve"):
        run(home, ONE, "--print")


def test_a_session_that_was_sent_to_a_server_is_opened_there(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, f"/p/{ONE}.jsonl", "/work")
        registry.opened("claude-code", ONE, "https://confab.example.com", "there/1")
    assert run(home, ONE, "--print").stdout == "https://confab.example.com/sessions/there%2F1\n"
    write_config(home.paths.config, {"backend_url": "https://confab.example.com"})
    assert run(home, "--print").stdout == "https://confab.example.com/\n"


def test_a_session_that_nobody_knows_is_said(tmp_path: Path) -> None:
    with pytest.raises(SessionNotFound):
        run(Home(tmp_path), "fff", "--print")


def browser(directory: Path, status: int) -> Path:
    """A browser that notes what it is to show."""
    program = directory / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > {directory}/shown\nexit {status}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program


@pytest.mark.parametrize("status", [0, 1])
def test_the_browser_is_started_and_its_absence_is_said(tmp_path: Path, status: int) -> None:
    home = Home(tmp_path / "home")
    with closing(home.registry()) as registry:
        registry.see("claude-code", ONE, f"/p/{ONE}.jsonl", "/work")
        registry.opened("claude-code", ONE, "https://confab.example.com", "there")
    done = subprocess.run(
        [sys.executable, "-m", "confab_sync", "open", ONE],
        env={
            **home.environ,
            "PYTHONPATH": CHECKOUT,
            "BROWSER": f"{browser(tmp_path, status)} %s",
            "PATH": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    url = "https://confab.example.com/sessions/there\n"
    assert (done.returncode, done.stdout) == (status, url), done.stderr
    assert ("there is no browser" in done.stderr) is bool(status)
    assert (tmp_path / "shown").read_text() == url
