"""A daemon closes what was open to others before it writes there, and its log says so."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.home import Home
from integration.session import Session
from integration.waiting import until


@pytest.fixture
def session(home: Home) -> Iterator[Session]:
    home.confab("setup", "--no-import")
    session = Session(home)
    yield session
    session.kill_client()


def below(directory: Path) -> list[Path]:
    return [Path(place, name) for place, dirs, files in os.walk(directory) for name in dirs + files]


def open_to_others(directory: Path) -> list[str]:
    return [
        str(path.relative_to(directory))
        for path in [directory, *below(directory)]
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    ]


def test_daemon_closes_what_is_open_and_says_so(session: Session) -> None:
    session.begin()
    session.end()
    session.until_gone()
    places = [session.home.path / ".confab", session.home.path / ".local/share/confab"]
    for place in places:
        for path in [place, *below(place)]:
            path.chmod(0o777 if path.is_dir() else 0o666)
    (places[0] / "bin" / "confab").chmod(0o755)
    session.start("resume")
    session.write()
    session.until_archived(10)
    assert [open_to_others(place) for place in places] == [[], []]
    log = (places[0] / "logs" / f"{session.id}.log").read_text()
    exposed = [line for line in log.splitlines() if " exposed " in line]
    assert [line for line in exposed if "config.json " in line]
    assert [line for line in exposed if "store.db " in line]
    assert [line for line in exposed if "registry.db " in line]
    assert len(exposed) == len(set(exposed))


def test_hook_writes_nothing_where_somebody_else_put_a_link(session: Session) -> None:
    elsewhere = session.home.path / "elsewhere"
    elsewhere.mkdir()
    (session.home.path / ".confab" / "sync").symlink_to(elsewhere)
    session.start()
    session.prompt()
    session.end()
    assert list(elsewhere.iterdir()) == []
    assert not session.home.daemons()
    said = session.home.confab("sync", "status").stdout
    assert "sync is a symbolic link, which confab does not follow" in said
    until(lambda: not session.home.daemons(), "nothing runs")
