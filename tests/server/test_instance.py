"""One server serves a store, says so to others, and leaves nothing that would stop the next."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from confab_sync.errors import ServerError
from confab_sync.server.instance import listen, only_instance, running_at
from tests.processes import kill, line_of, python

if TYPE_CHECKING:
    from pathlib import Path

HOLDER = """
import sys
from confab_sync.server.instance import only_instance
with only_instance(sys.argv[1]) as instance:
    instance.announce("http://localhost:1")
    print("ready", flush=True)
    sys.stdin.read()
"""


def test_second_server_is_told_who_holds_the_store(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    process = python(HOLDER, path)
    assert line_of(process) == "ready"
    expected = rf"\(process {process.pid}\) serves this store already at http://localhost:1"
    with pytest.raises(ServerError, match=expected), only_instance(path):
        pass
    assert running_at(path) == {"pid": process.pid, "url": "http://localhost:1"}
    kill(process)
    assert running_at(path) is None
    with only_instance(path) as instance:
        instance.announce("http://localhost:2")
        assert running_at(path) == {"pid": os.getpid(), "url": "http://localhost:2"}
    assert running_at(path) is None


def test_pid_file_is_private_and_no_link_is_followed(tmp_path: Path) -> None:
    path = str(tmp_path / "store.db")
    with only_instance(path):
        assert (tmp_path / "store.db.serve").stat().st_mode & 0o777 == 0o600
    (tmp_path / "other.db.serve").symlink_to(tmp_path / "victim")
    with (
        pytest.raises(ServerError, match="cannot be written"),
        only_instance(str(tmp_path / "other.db")),
    ):
        pass


def test_store_that_nobody_serves_is_known_as_such(tmp_path: Path) -> None:
    assert running_at(str(tmp_path / "store.db")) is None


def test_port_that_is_taken_is_named() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ServerError, match=f"port {port}"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.1", "\0"])
def test_address_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises((ServerError, ValueError)):
        listen(host, 0)
