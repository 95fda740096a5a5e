"""Whom the bench measures: this checkout, another revision of it, another `confab`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.missing import Unmeasurable
from integration.installed import REPOSITORY, cache_directory, installed_confab

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Subject:
    """An executable; one that is not ours has what the contract says of the Go CLI (§4)."""

    name: str
    executable: Path
    is_own: bool

    @property
    def python(self) -> str:
        """The interpreter that it runs in, or this one."""
        beside = self.executable.with_name("python")
        return str(beside) if beside.exists() else sys.executable


def this_checkout() -> Subject:
    """The wheel of this checkout. Raises `Unmeasurable` when it cannot be built."""
    try:
        return Subject("confab", installed_confab(), is_own=True)
    except (subprocess.CalledProcessError, OSError) as error:
        raise Unmeasurable(f"the wheel cannot be built: {error}") from None


def peer(command: str) -> Subject:
    """Another `confab`. Raises `Unmeasurable` when there is no such command."""
    found = shutil.which(command)
    if found is None:
        raise Unmeasurable(f"there is no command {command}")
    return Subject("peer", Path(found).absolute(), is_own=False)


@contextmanager
def revision(ref: str) -> Iterator[Subject]:
    """The wheel of another revision of this repository, built in a worktree of its own.

    Raises `Unmeasurable` when there is no such revision, or it cannot be built.
    """
    with TemporaryDirectory(prefix="confab-bench-") as directory:
        tree = f"{directory}/tree"
        try:
            _git("worktree", "add", "--detach", tree, ref)
            try:
                yield Subject(ref, _built(tree), is_own=True)
            finally:
                _git("worktree", "remove", "--force", tree)
        except (subprocess.CalledProcessError, OSError) as error:
            said = getattr(error, "stderr", "") or error
            raise Unmeasurable(f"{ref} cannot be built: {str(said).strip()}") from None


def _built(tree: str) -> Path:
    """The executable of the worktree at `tree`, built as that revision builds itself."""
    program = "from integration.installed import installed_confab as c; print(c())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tree,
        env={**os.environ, "CONFAB_TEST_CACHE": str(cache_directory()), "PYTHONPATH": tree},
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(done.stdout.strip())


def _git(*arguments: str) -> None:
    command = ["git", "-C", str(REPOSITORY), *arguments]
    subprocess.run(command, capture_output=True, text=True, check=True)
