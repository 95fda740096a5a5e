"""A disk that is full: each command that writes says so in one line, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.home import Home
from integration.mounts import in_memory
from integration.session import Session

WRITING = (
    ("save", "--all"),
    ("search", "hello"),
    ("store", "backup", "{full}/copy.db"),
    ("export", "{id}", "{full}/out"),
    ("export", "{id}", "{full}/page", "--format", "html"),
    ("session", "download", "{id}", "--output-dir", "{full}/files"),
    ("config", "set", "log_level", "debug"),
    ("pause",),
    ("ignore", "{project}"),
    ("setup", "--no-import"),
    ("doctor", "--bundle", "{full}/report.zip"),
    ("serve", "keys", "add", "laptop"),
    ("list",),
    ("show", "{id}"),
    ("status",),
    ("sync", "status"),
)


@dataclass(frozen=True, slots=True)
class Full:
    """A home of confab on a file system without a byte left, with one session archived."""

    home: Home
    place: Path
    session: Session

    def confab(self, *words: str) -> subprocess.CompletedProcess[str]:
        known = {"full": str(self.place), "id": self.session.id, "project": str(self.home.project)}
        return subprocess.run(
            [str(self.home.executable), *(word.format(**known) for word in words)],
            env={**self.home.environ, "CONFAB_HOME": str(self.place / "confab")},
            cwd=self.home.project,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def files(self) -> dict[str, int]:
        """Every file there with its size, but for those that databases make at will."""
        found = [path for path in self.place.rglob("*") if path.is_file()]
        return {
            str(path): path.stat().st_size
            for path in found
            if not path.name.endswith(("-wal", "-shm", ".lock", "ballast"))
        }


@pytest.fixture
def full(home: Home) -> Iterator[Full]:
    with in_memory(home, "small", "size=6m") as place:
        session = Session(home)
        session.kill_client()
        words = '{"type":"user","message":{"role":"user","content":"hello %s"}}\n' % ("x" * 100_000)
        session.write(words.encode())
        one = Full(home, place, session)
        assert one.confab("setup", "--import").returncode == 0
        session.write(words.encode() * 5)  # there is something left to archive
        with (place / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 4096)
            except OSError:
                pass
        yield one


def test_each_command_says_it_in_one_line_and_leaves_nothing_half_written(full: Full) -> None:
    before = full.files()
    for words in WRITING:
        done = full.confab(*words)
        told = f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in told, told
        assert "fault of its own" not in told, told
        if done.returncode not in (0, 1):
            assert done.stderr.count("\n") <= 2, told
            assert "full" in done.stderr or "No space left" in done.stderr, told
        now = full.files()
        assert {name for name in now if name not in before} <= empty(now), told
        for name in before:
            assert now.get(name) == before[name] or name.endswith((".db", ".log", ".json")), told
    os.unlink(full.place / "ballast")
    assert full.confab("resume").returncode == 0
    done = full.confab("save", "--all")
    assert done.returncode == 0, done.stderr
    assert full.confab("store", "check").returncode == 0


def empty(files: dict[str, int]) -> set[str]:
    """Those that hold nothing."""
    return {name for name, size in files.items() if not size}
