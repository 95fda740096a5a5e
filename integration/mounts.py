"""File systems in memory that tests put where something is to be full or read-only."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from integration.home import Home


@contextmanager
def in_memory(home: Home, name: str, option: str) -> Iterator[Path]:
    """A private file system mounted with `option` in the home; processes there end before it.

    Skips the test where nothing can be mounted.
    """
    if os.geteuid() != 0:
        pytest.skip("mounting a file system needs root")
    place = home.path / name
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"{option},mode=700", "confab-test", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        home.end_processes()
        subprocess.run(["umount", "--lazy", str(place)], check=True)
