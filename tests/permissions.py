"""A directory that this process may not enter for a while, root included."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOBODY = 65534


@contextmanager
def out_of_reach(directory: Path) -> Iterator[None]:
    """Take the permission to enter `directory` away; root becomes nobody meanwhile."""
    mode = directory.stat().st_mode & 0o777
    user = os.geteuid()
    directory.chmod(0)
    try:
        if user == 0:
            os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(user)
    finally:
        directory.chmod(mode)
