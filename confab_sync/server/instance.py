"""Makes sure that one server serves a store, and knows which one does."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from confab_sync.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".serve"
"""What the name of the pid file adds to that of the store."""


@contextmanager
def only_instance(store_path: str) -> Iterator[Instance]:
    """Be the server of this store while the block lasts; its directory has to exist.

    The kernel ends that when the process ends, however it does. Raises `ServerError`, naming
    the other one, when there is one.
    """
    path = store_path + SUFFIX
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ServerError(f"{path} cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServerError(_who_holds(path)) from None
        os.ftruncate(file, 0)
        yield Instance(file)
        os.ftruncate(file, 0)  # the file stays: unlinking it could free another's name
    finally:
        os.close(file)


class Instance:
    """The running server's entry in its pid file."""

    def __init__(self, file: int) -> None:
        self._file = file

    def announce(self, url: str) -> None:
        """Write down who serves the store, and where."""
        entry = json.dumps({"pid": os.getpid(), "url": url}) + "\n"
        os.pwrite(self._file, entry.encode(), 0)


def running_at(store_path: str) -> dict[str, Any] | None:
    """What the running server of a store wrote down, `pid` and `url`; `None` without one."""
    path = store_path + SUFFIX
    try:
        with open(path, "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _entry(file.read())
            return None
    except OSError:
        return None


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at this address; port 0 takes a free one.

    Raises `ServerError` when that is impossible.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(1024)
        except OSError:
            listener.close()
            raise
    except (OSError, UnicodeError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        advice = _ADVICE.get(getattr(error, "errno", None) or 0, "")
        raise ServerError(f"cannot listen at {host}, port {port}: {reason}{advice}") from error
    return listener


_ADVICE = {
    errno.EADDRINUSE: "; another --port may be free",
    errno.EACCES: "; ports from 1024 on are everybody's",
    errno.EADDRNOTAVAIL: "; --host is an address of this machine",
}


def _who_holds(path: str) -> str:
    try:
        with open(path, "rb") as file:
            entry = _entry(file.read()) or {}
    except OSError:
        entry = {}
    where = f" at {entry['url']}" if entry.get("url") else ""
    who = f" (process {entry['pid']})" if entry.get("pid") else ""
    return f"confab serve{who} serves this store already{where}; stop it first"


def _entry(data: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(data)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
