"""Homes that count as machines of their own: each has its own host name."""

import sys
from dataclasses import replace
from pathlib import Path

from integration import requirements
from integration.home import Home

_RENAMED = (
    "import os, socket, sys; socket.sethostname(sys.argv[1]); os.execvp(sys.argv[2], sys.argv[2:])"
)


def machine(path: Path, confab: Path, name: str) -> Home:
    """A home whose commands and daemons see `name` as the host's; skips where that cannot be."""
    requirements.own_host_name()
    inside = (requirements.tool("unshare"), "--uts", sys.executable, "-I", "-c", _RENAMED, name)
    return replace(Home.create(path, confab), inside=inside)
