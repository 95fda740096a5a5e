"""A directory on a real network file system: sshfs, with an SFTP server of our own behind it."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from integration.requirements import tool
from integration.waiting import until

OPTIONS = "passive,dcache_timeout=1"
"""No ssh in between; another machine's changes are seen after a second instead of twenty."""


@dataclass(slots=True)
class NetworkHome:
    """`place` is what is at `exported` on the server, as long as it is mounted."""

    exported: Path
    place: Path
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def mount(self) -> None:
        """Start a server and mount what it exports."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            server = [tool("sftp-server"), "-e"]
            client = [tool("sshfs"), "-f", "-o", OPTIONS, f":{self.exported}", str(self.place)]
            for command, end in ((server, ours.fileno()), (client, theirs.fileno())):
                self._running.append(subprocess.Popen(command, stdin=end, stdout=end))
        until(lambda: os.path.ismount(self.place), "the file system is mounted")

    def lose(self) -> None:
        """End the server: whoever uses the file system gets errors, and nobody finds it."""
        server, _ = self._running
        server.kill()
        until(lambda: not os.path.ismount(self.place), "the server is missed")
        self.unmount()

    def unmount(self) -> None:
        """Take the file system away, whoever still uses it."""
        if os.path.ismount(self.place):
            subprocess.run(["umount", "--lazy", str(self.place)], check=True)
        for process in self._running:
            process.kill()
            process.wait()
        self._running.clear()


@contextmanager
def network_home(directory: Path) -> Iterator[NetworkHome]:
    """Mount a network file system at `directory`, which appears; it is gone after the block.

    Skips the test where nothing can be mounted.
    """
    if os.geteuid() != 0 or not os.path.exists("/dev/fuse"):
        pytest.skip("mounting a network file system needs root and /dev/fuse")
    exported = directory.with_name(f"{directory.name}-on-the-server")
    exported.mkdir()
    directory.mkdir()
    home = NetworkHome(exported, directory)
    home.mount()
    try:
        yield home
    finally:
        home.unmount()
