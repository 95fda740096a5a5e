"""What the machine does to confab: a home that cannot be written, no descriptor left."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.faults.rig import HURRIED
from integration.home import Home
from integration.mounts import in_memory
from integration.session import Session

FINE = {"continue": True, "suppressOutput": True}


@pytest.fixture
def session(home: Home) -> Iterator[Session]:
    """A session over the embedded store."""
    home.confab("setup", "--no-import")
    one = Session(home)
    yield one
    one.kill_client()


@pytest.fixture
def read_only(home: Home) -> Iterator[Path]:
    """A file system in the place of `~/.confab` that nobody can write to, root included."""
    with in_memory(home, "read-only", "ro") as place:
        yield place


def test_a_read_only_home_is_no_trouble_for_claude_code_and_nothing_is_lost(
    session: Session, read_only: Path
) -> None:
    session.environ["CONFAB_HOME"] = str(read_only)
    for hook in (session.start, session.prompt, session.end):
        assert hook() == FINE
    session.write()
    assert session.home.daemons() == []
    subprocess.run(["mount", "-o", "remount,rw", str(read_only)], check=True)
    session.start(source="resume")
    session.end()
    session.home.until_no_process_is_left()
    target = session.home.path / "copy"
    subprocess.run(
        [session.home.executable, "session", "download", session.id, "--output-dir", target],
        env={**session.home.environ, **session.environ},
        capture_output=True,
        check=True,
    )
    copy = target / session.transcript.name
    assert copy.read_bytes() == session.transcript.read_bytes()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits others")
def test_a_daemon_without_a_free_descriptor_waits_for_one(session: Session) -> None:
    from resource import RLIMIT_NOFILE, prlimit

    session.environ.update(HURRIED)
    session.begin()
    pid = session.daemon_pid
    soft, hard = prlimit(pid, RLIMIT_NOFILE)
    prlimit(pid, RLIMIT_NOFILE, (3, hard))
    session.write()
    session.write_subagent("abcdef", b'{"isSidechain":true}\n')  # which is not open yet
    time.sleep(3)
    assert session.download() != session.local()  # the fault was there
    prlimit(pid, RLIMIT_NOFILE, (soft, hard))
    session.until_archived(11)
    assert session.daemon_pid == pid
    session.end()
    session.until_gone()
    session.assert_archived()
