"""Which processes a busy daemon starts."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench.acknowledging import line
from bench.figures import Figure
from bench.missing import Unmeasurable
from bench.processes import faults_of_children
from bench.rig import Rig, rig
from bench.serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.subjects import Subject

CHUNKS = 6
PROGRAMS = ("git", "sh", "bash", "ps", "hostname", "uname", "id", "gh")
"""What a daemon may want to start; each is written down before it runs."""

PR_SET_CHILD_SUBREAPER = 36


def measure(subject: Subject) -> list[Figure]:
    """The processes for each chunk, in a git repository. Raises `Unmeasurable`.

    Programs that are found by PATH are counted one by one. Any other child leaves page faults
    behind if its parent waits for it, and becomes ours if its parent does not: then it counts
    as one.
    """
    if shutil.which("git") is None:
        raise Unmeasurable("git is not installed")
    with (
        TemporaryDirectory(prefix="confab-bench-") as directory,
        serving() as server,
        _adopting() as orphans,
    ):
        started = Path(directory, "started")
        path = f"{_wrappers(Path(directory), started)}:{os.environ.get('PATH', os.defpath)}"
        with rig(subject, server, environ={"PATH": path}) as plain:
            work = plain.home / "work"
            _repository(work)
            prepared = Rig(plain.home, plain.environ, subject, server, cwd=str(work))
            session = prepared.start()
            pid = prepared.daemon(session)
            prepared.append(session, line(0))
            prepared.wait_until_taken(session, 1)
            counted, faults, ours = _count(started), faults_of_children(pid), orphans()
            for number in range(1, CHUNKS + 1):
                prepared.append(session, line(number))
                prepared.wait_until_taken(session, number + 1)
            found = _count(started) - counted
            other = faults_of_children(pid) > faults or bool(orphans() - ours - {pid})
    each = max(found, 1 if other else 0) / CHUNKS
    return [
        Figure(
            "processes started by a busy daemon, for each chunk",
            subject.name,
            ((each, 1.0),),
            0.0,
            unit="",
            yardstick="a chunk",
            of="value",
        )
    ]


def _wrappers(directory: Path, started: Path) -> Path:
    """A directory of programs that write down that they were started."""
    place = directory / "bin"
    place.mkdir()
    for name in PROGRAMS:
        real = shutil.which(name)
        if real is not None:
            wrapper = place / name
            wrapper.write_text(f'#!/bin/sh\necho {name} >> "{started}"\nexec "{real}" "$@"\n')
            wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    return place


def _count(started: Path) -> int:
    return started.read_text().count("\n") if started.exists() else 0


def _repository(work: Path) -> None:
    work.mkdir()
    settings = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", "-C", str(work), *settings, *command], check=True)


@contextmanager
def _adopting() -> Iterator[Callable[[], set[int]]]:
    """Whoever loses its parent becomes a child of this process; a call tells who is one."""
    if not os.path.exists(f"/proc/self/task/{os.getpid()}/children"):
        raise Unmeasurable("the kernel does not tell the children of processes")
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield lambda: set(
            map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
        )
    finally:
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
