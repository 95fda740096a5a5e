"""Permissions mean nothing to root; these tests give root's up where it has them."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@contextlib.contextmanager
def unprivileged_directory() -> Iterator[str]:
    """An empty directory, and a process whose file permissions count while it is there."""
    directory = os.path.realpath(tempfile.mkdtemp(prefix="confab-test-"))
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(directory, NOBODY, NOBODY)
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield directory
    finally:
        if was_root:
            os.seteuid(0)
            os.setegid(0)
        for place, _, _ in os.walk(directory):
            os.chmod(place, 0o700)
        shutil.rmtree(directory)
