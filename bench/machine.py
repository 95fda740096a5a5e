"""What a table says of the machine and the revision that it was measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime

from integration.installed import REPOSITORY


def machine() -> str:
    """The kind of machine, in general words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, "
        f"Python {platform.python_version()}"
    )


def revision() -> str:
    """The commit that is checked out, and whether it was changed; empty outside of git."""
    done = subprocess.run(
        ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty", "--exclude", "*"],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def today() -> str:
    """The day, in UTC."""
    return datetime.now(UTC).date().isoformat()
