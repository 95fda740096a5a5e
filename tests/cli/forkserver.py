"""Runs `confab` many times, each in a process of its own that need not import everything anew.

`python -m tests.cli.forkserver` reads one JSON object a line, forks, and answers with one.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confab_sync import __main__ as front_door
from tests.processes import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_MAIN = front_door.main
"""Imported before a child is forked, which may be interrupted at any moment."""

PATIENCE = 60.0
"""Seconds that one command may take."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one command; in a terminal everything is in `out`."""

    status: int
    out: str
    err: str


class ForkServer:
    """The other process; `close` ends it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forkserver"],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        cwd: Path,
        *,
        columns: int = 0,
        closed: bool = False,
        interrupt_after: float | None = None,
        typed: str = "",
    ) -> Ran:
        """Run `confab` with these words.

        With `columns` in a terminal of that width; with `closed` nobody reads its output; it gets
        SIGINT `interrupt_after` so many seconds.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {
            "words": list(words),
            "environ": dict(environ),
            "cwd": str(cwd),
            "columns": columns,
            "closed": closed,
            "interrupt_after": interrupt_after,
            "typed": typed,
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return Ran(told["status"], told["out"], told["err"])

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def _carried_out(asked: dict[str, Any]) -> dict[str, Any]:
    readable, writable = pty.openpty() if asked["columns"] else os.pipe()
    errors, complain = os.pipe()
    typed, typing = os.pipe()
    begins, begun = os.pipe()
    if asked["columns"]:
        import fcntl
        import struct
        import termios

        fcntl.ioctl(writable, termios.TIOCSWINSZ, struct.pack("HHHH", 24, asked["columns"], 0, 0))
    child = os.fork()
    if child == 0:
        os.close(readable)
        if asked["columns"]:
            os.setsid()
        os.dup2(writable if asked["columns"] else typed, 0)
        os.dup2(writable, 1)
        os.dup2(writable if asked["columns"] else complain, 2)
        os.dup2(begun, 3)
        os.closerange(4, 64)
        _become(asked, 3)
    for each in (writable, complain, typed, begun):
        os.close(each)
    if asked["closed"]:
        os.close(readable)
    os.read(begins, 1)
    os.close(begins)
    os.write(typing, asked["typed"].encode())
    os.close(typing)
    left = [errors] if asked["closed"] else [readable, errors]
    status, collected = _collected(child, left, asked["interrupt_after"])
    for each in left:
        os.close(each)
    return {
        "status": status,
        "out": collected.get(readable, b"").decode("utf-8", "surrogateescape"),
        "err": collected.get(errors, b"").decode("utf-8", "surrogateescape"),
    }


def _collected(child: int, left: list[int], interrupt_after: float | None) -> Any:
    import signal

    collected: dict[int, bytes] = {}
    begin = time.monotonic()
    open_ones = list(left)
    status = None
    while status is None or open_ones:
        now = time.monotonic() - begin
        if interrupt_after is not None and now >= interrupt_after:
            interrupt_after = None
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGINT)
        if now > PATIENCE and status is None:
            os.kill(child, signal.SIGKILL)
        ready, _, _ = select.select(open_ones, [], [], 0.005)
        for each in ready:
            try:
                piece = os.read(each, 65536)
            except OSError:  # how Linux says that a terminal is closed
                piece = b""
            if not piece:
                open_ones.remove(each)
            collected[each] = collected.get(each, b"") + piece
        if status is None:
            done, raw = os.waitpid(child, os.WNOHANG)
            status = os.waitstatus_to_exitcode(raw) if done else None
        elif not ready:
            break  # a daemon may hold the other ends for longer
    return status, collected


def _become(asked: dict[str, Any], ready: int) -> None:
    """Be `confab`; never returns."""
    status = 1
    try:
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["environ"])
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        os.write(ready, b"1")
        os.close(ready)
        status = _MAIN(asked["words"])
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    except BaseException as error:  # what Python itself would print
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            sys.stderr.write("interrupted\n")  # here, before `confab` has begun
            sys.stderr.flush()
            os._exit(130)
        import traceback

        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
    finally:
        os._exit(status)


def main() -> None:
    """Import everything once, then do what is asked."""
    import asyncio  # noqa: F401

    import click
    import httpx  # noqa: F401
    import rich.console  # noqa: F401

    from confab_sync.cli.main import COMMANDS, cli
    from confab_sync.store.store import Store  # noqa: F401

    context = click.Context(cli)
    for name in COMMANDS:
        cli.get_command(context, name)
    for row in sys.stdin:
        print(json.dumps(_carried_out(json.loads(row))), flush=True)


if __name__ == "__main__":
    main()
