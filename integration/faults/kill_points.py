"""Killing a process inside a system call of one's choice, with strace as the witness."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.requirements import tool
from integration.waiting import until


@dataclass(frozen=True, slots=True)
class KillPoint:
    """SIGKILL as a process enters the system call `call` for the `time`th time from now."""

    call: str
    time: int


@dataclass(frozen=True, slots=True)
class Witness:
    """What strace has written down."""

    report: Path

    @property
    def has_fired(self) -> bool:
        """Whether the process was killed at the kill point."""
        return "+++ killed by SIGKILL +++" in self.report.read_text(errors="replace")


@contextmanager
def killed_at(point: KillPoint, pid: int, report: Path) -> Iterator[Witness]:
    """Have `pid` killed at `point` if it comes to that within the block.

    `report` is where strace writes. Skips the test that asks where there is no strace.
    """
    inject = f"inject={point.call}:signal=SIGKILL:when={point.time}"
    command = [tool("strace"), "-f", "-p", str(pid), "-e", f"trace={point.call}", "-e", inject]
    said = report.with_suffix(".said")
    with said.open("w") as stderr:
        strace = subprocess.Popen([*command, "-o", str(report)], stderr=stderr)
    try:
        until(lambda: "attached" in said.read_text() or strace.poll() is not None, "strace watches")
        yield Witness(report)
    finally:
        strace.kill()  # it lets go of what it traces, and may not listen to less
        strace.wait()
