"""Holding a process still, so that it is known what it was doing when something befalls it."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from integration.session import Session, process_exists
from integration.waiting import until


@contextmanager
def standstill(pid: int) -> Iterator[None]:
    """Stop the process for the length of the block; within it, it does nothing at all.

    Raises `ProcessLookupError` when there is no such process.
    """
    os.kill(pid, signal.SIGSTOP)
    try:
        until(lambda: _state(pid) == "T", f"{pid} stands still", pause=0.001)
        yield
    finally:
        if process_exists(pid):
            os.kill(pid, signal.SIGCONT)


def pending_signals(pid: int) -> set[int]:
    """The signals that wait to be delivered to the process or to its first thread."""
    return _signals(pid, "SigPnd") | _signals(pid, "ShdPnd")


def until_small(session: Session) -> None:
    """Wait until the session's daemon is the small image and has begun to wait.

    Only that one has directories open: it has their changes announced.
    """
    sync = str(session.state_file.parent)
    until(lambda: sync in _of_open_files(session.daemon_pid, "fd", os.readlink), "it is small")


def until_it_attends(session: Session) -> None:
    """Wait until the session's daemon is the small image and has the end of its client announced.

    Then it has a descriptor of the client open (`pidfd_open(2)`).
    """
    client = f"\nPid:\t{session.client.pid}\n"
    until(
        lambda: client in "".join(_of_open_files(session.daemon_pid, "fdinfo", Path.read_text)),
        "it has the end of its client announced",
    )


def kill_daemon(session: Session) -> int:
    """Kill the session's daemon with SIGKILL, wait until it is dead, and return its pid."""
    pid = session.daemon_pid
    os.kill(pid, signal.SIGKILL)
    until(lambda: not process_exists(pid), "the daemon is dead", pause=0.005)
    return pid


def _of_open_files(pid: int, where: str, look: Callable[[Path], str]) -> list[str]:
    """What a look at each open file of a process has found, at those that stayed open."""
    found = []
    for file in Path(f"/proc/{pid}/{where}").iterdir():
        with suppress(FileNotFoundError):
            found.append(look(file))
    return found


def _signals(pid: int, mask: str) -> set[int]:
    """The signals in one of the masks of proc(5), `status`."""
    status = Path(f"/proc/{pid}/status").read_text()
    (found,) = re.findall(rf"^{mask}:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return {number for number in range(1, 65) if int(found, 16) >> (number - 1) & 1}


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        raise ProcessLookupError(pid) from None
