"""What Linux tells of a process: its memory, its work, and whether it had children."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bench.missing import Unmeasurable


@dataclass(frozen=True, slots=True)
class Effort:
    """What a process has cost since it began, all its threads together."""

    cpu_seconds: float
    wake_ups: int

    def __sub__(self, before: Effort) -> Effort:
        """What it has cost since then."""
        return Effort(self.cpu_seconds - before.cpu_seconds, self.wake_ups - before.wake_ups)


def with_home(home: Path) -> list[int]:
    """The living processes that were started with this HOME. Raises `Unmeasurable`."""
    _need_proc()
    mine = b"HOME=" + os.fsencode(home)
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                environ = Path("/proc", entry, "environ").read_bytes()
            except OSError:
                continue
            if mine in environ.split(b"\0"):
                found.append(int(entry))
    return found


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has had resident. Raises `Unmeasurable`."""
    return _status(pid, "VmHWM") * 1024 / 1e6


def proportional_megabytes(pid: int) -> float:
    """A process's memory now, shared pages divided among their users. Raises `Unmeasurable`."""
    for line in _read(pid, "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise Unmeasurable("the kernel does not tell the proportional size of processes")


def effort(pid: int) -> Effort:
    """What a process has cost. Raises `Unmeasurable`."""
    nanoseconds, wake_ups = 0, 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        nanoseconds += int(_read(pid, f"task/{thread}/schedstat").split()[0])
        wake_ups += _status(pid, "voluntary_ctxt_switches", f"task/{thread}/status")
    return Effort(nanoseconds / 1e9, wake_ups)


def bytes_read(pid: int) -> int:
    """The bytes that a process has read with system calls. Raises `Unmeasurable`."""
    return int(_read(pid, "io").split()[1])


def faults_of_children(pid: int) -> int:
    """Page faults of the children that a process has waited for; 0 as long as it had none.

    Raises `Unmeasurable`.
    """
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return int(fields[8]) + int(fields[10])


def _status(pid: int, name: str, file: str = "status") -> int:
    for line in _read(pid, file).splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1])
    raise Unmeasurable(f"the kernel does not tell the {name} of processes")


def _read(pid: int, name: str) -> str:
    _need_proc()
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError as error:
        raise Unmeasurable(f"/proc/{pid}/{name}: {error.strerror}") from None


def _need_proc() -> None:
    if not os.path.isdir("/proc/self"):
        raise Unmeasurable("this system has no /proc")
