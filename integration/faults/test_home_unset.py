"""Real processes whose environment names no home: the password database says where it is."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
import subprocess
from contextlib import closing

import pytest

from integration.home import Home
from integration.requirements import tool
from integration.session import Session

FINE = {"continue": True, "suppressOutput": True}
ENTRY = "tester:x:{user}:{group}:Tester:{home}:/bin/sh\n"
FILES = ("passwd", "nsswitch.conf")
BIND = "".join(f'mount --bind "$0/{name}" /etc/{name} && ' for name in FILES) + 'exec "$@"'
WITHOUT_HOME = {
    "unset": ("env", "--unset=HOME"),
    "empty": ("env", "HOME="),
    "relative": ("env", "HOME=somewhere/else"),
}


def with_database(home: Home, text: str, without: tuple[str, ...]) -> Home:
    """The home for processes without a HOME, and with `text` as their password database."""
    if os.geteuid() != 0:
        pytest.skip("another password database needs root, for a mount")
    switch = "passwd: files\n"  # or another service may know root
    for name, content in zip(FILES, (text, switch), strict=True):
        (home.path / name).write_text(content)
    own = (tool("unshare"), "--mount", "/bin/sh", "-c", BIND, str(home.path))
    look = [*own, "cat", *(f"/etc/{name}" for name in FILES)]
    seen = subprocess.run(look, capture_output=True, text=True, check=False)
    if seen.stdout != text + switch:
        pytest.skip(f"no other password database can be mounted here: {seen.stderr.strip()}")
    return dataclasses.replace(home, inside=(*own, *without))


@pytest.mark.parametrize("how", sorted(WITHOUT_HOME))
def test_a_session_without_a_usable_home_variable_is_archived_in_the_users_home(
    home: Home, how: str
) -> None:
    entry = ENTRY.format(user=os.geteuid(), group=os.getegid(), home=home.path)
    there = with_database(home, entry, WITHOUT_HOME[how])
    there.confab("setup", "--no-import")
    session = Session(there)
    try:
        session.begin()
        session.end()
        session.until_gone()
        session.assert_archived()
    finally:
        session.kill_client()
    assert (home.path / ".claude" / "settings.json").exists()
    store = home.path / ".local" / "share" / "confab" / "store.db"
    with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    home.until_no_process_is_left()


def test_a_user_without_any_home_is_told_to_set_it_and_claude_code_goes_on(home: Home) -> None:
    home.confab("setup", "--no-import")
    nowhere = with_database(home, "", WITHOUT_HOME["unset"])
    done = nowhere.confab("sync", "status", check=False)
    assert done.returncode != 0
    assert done.stderr == "confab: your home directory is unknown; set HOME\n"
    session = Session(nowhere)
    try:
        session.write()
        for hook in (session.start, session.prompt, session.end):
            assert hook() == FINE
    finally:
        session.kill_client()
    assert home.processes() == []
