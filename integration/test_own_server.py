"""A person sends sessions to a `confab serve` of somebody else, as both would type it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from integration.home import Home
from integration.server import Server
from integration.session import Session
from integration.waiting import until

SECRET = "ghp_" + "a1B2c3D4e5F6" * 3
"""The shape of a GitHub token."""


def complaint(home: Home, session: Session) -> str:
    """What the status says went wrong with the session."""
    told = home.status_of(session.id) or {}
    return str(told.get("last_error", ""))


def test_session_goes_to_the_server_from_the_login_on(home: Home, server: Server) -> None:
    said = home.confab("setup", "--backend-url", server.url).stdout
    assert "nothing is sent until you run `confab login`" in said
    session = Session(home)
    session.start()
    session.write(lines=3)
    until(lambda: "confab login" in complaint(home, session), "the missing key is told")
    key = server.key("laptop")
    said = home.confab("login", "--api-key-stdin", typed=key + "\n").stdout
    assert said.startswith(f"Logged in to {server.url} as owner@localhost")
    session.until_archived(3)
    side_file = session.directory / "tool-results" / "a.txt"
    side_file.parent.mkdir(parents=True)
    side_file.write_bytes(b"\0a result\n")
    session.write_subagent("a1", b'{"type":"user"}\n')
    session.until_archived(4)
    assert home.confab("logout").stdout.startswith("Logged out")
    until(lambda: "confab login" in complaint(home, session), "the logout is noticed")
    session.write(lines=2)
    home.confab("setup", "--backend-url", server.url, "--api-key-stdin", typed=key)
    session.until_archived(6)
    session.end()
    session.until_gone()
    session.kill_client()
    session.assert_archived()
    listed = json.loads(home.confab("session", "list-files", session.id[:8], "--json").stdout)
    assert listed["backend"] == server.url
    assert [file["name"] for file in listed["side_files"]] == ["tool-results/a.txt"]
    assert holders_of(home, key) == [".confab/config.json"]
    home.confab("uninstall", "--purge", "--yes")
    assert not (home.path / ".confab").exists()


def test_secret_does_not_reach_the_server(home: Home, server: Server) -> None:
    key = server.key("laptop")
    home.confab("setup", "--backend-url", server.url, "--api-key-stdin", typed=key)
    session = Session(home)
    session.start()
    line = json.dumps({"type": "user", "message": {"role": "user", "content": f"use {SECRET} ok"}})
    session.write(line.encode() + b"\n")
    session.until_archived(1)
    session.end()
    session.until_gone()
    session.kill_client()
    target = home.path / "out"
    home.confab("session", "download", session.id, "--output-dir", str(target))
    copy = (target / f"{session.id}.jsonl").read_text()
    assert copy == line.replace(SECRET, "[REDACTED:GITHUB_TOKEN]") + "\n"
    assert "1 secret masked (GITHUB_TOKEN 1)" in home.confab("sync", "status", session.id).stdout


def holders_of(home: Home, text: str) -> list[str]:
    """The files below the home that hold `text`, by their relative path."""
    found = []
    for place, _, names in os.walk(home.path):
        for name in names:
            path = Path(place, name)
            if path.is_file() and text.encode() in path.read_bytes():
                found.append(str(path.relative_to(home.path)))
    return found
