"""What servers that sessions were pushed to have been told, on record from one push to the next."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from confab_sync.engine.push import Told
from confab_sync.errors import ConfabError
from confab_sync.files import replace_private_file
from confab_sync.paths import make_private_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = ".jsonl"

_KEYS = ("there", "end", "side", "other", "summary")


class Record:
    """The record of one account at one server; one push at a time has it.

    A file of JSON lines, each of which adds to what those before it say: so an interrupted
    push loses nothing but what it was just about to note.
    """

    def __init__(self, file: int, told: dict[str, Told]) -> None:
        self._file = file
        self._told = told

    def of(self, session: str) -> Told:
        """What is known of a session, named as `named` does."""
        return self._told.get(session, Told())

    def remember(self, session: str, told: Told) -> None:
        """Note what was told. Raises `ConfabError` when the disk does not take it."""
        before = self.of(session)
        entries: list[dict[str, str]] = []
        if told.session_id != before.session_id:
            entries.append({"there": told.session_id})
            before = Told(told.session_id)
        if told.summary != before.summary:
            entries.append({"summary": told.summary})
        entries += [{"end": end} for end in sorted(told.ends - before.ends)]
        entries += [{"side": mark} for mark in sorted(told.side_files - before.side_files)]
        entries += [{"other": mark} for mark in sorted(told.others - before.others)]
        lines = [json.dumps({"session": session, **entry}) + "\n" for entry in entries]
        rest = "".join(lines).encode()
        try:
            while rest:  # a disk that is nearly full takes a part, and says why only then
                rest = rest[os.write(self._file, rest) :]
        except OSError as error:
            raise ConfabError(f"the record of the push cannot be kept: {error.strerror}") from error
        self._told[session] = told


def named(provider: str, external_id: str) -> str:
    """How a session is called in records."""
    return f"{provider}/{external_id}"


@contextmanager
def opened_record(directory: str, url: str, account: str) -> Iterator[Record]:
    """The record of `account` at `url`, kept in `directory`, made if it is missing.

    Raises `ConfabError` when another push has it, and when it cannot be read or written.
    """
    path = _path(directory, url, account)
    try:
        make_private_directory(directory)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(path, flags, 0o600)
    except OSError as error:
        raise ConfabError(f"{path} cannot be opened: {error.strerror}") from error
    try:
        if not _taken(file) or not os.path.samestat(os.fstat(file), os.stat(path)):
            raise ConfabError(f"another `confab push` to {url} runs; wait for it")
        data = _read(path)
        if not data:
            os.write(file, (json.dumps({"backend": url, "account": account}) + "\n").encode())
        elif not data.endswith(b"\n"):
            os.write(file, b"\n")  # what a power cut left of a line stays a line of its own
        yield Record(file, _told(data))
    except OSError as error:
        raise ConfabError(f"{path} cannot be used: {error.strerror}") from error
    finally:
        os.close(file)


@contextmanager
def without_pushes(directory: str) -> Iterator[None]:
    """Keep pushes away meanwhile: one that is under way would send a session that is forgotten.

    Raises `ConfabError` while one runs, and when a record cannot be opened.
    """
    with ExitStack() as held:
        for path in _paths(directory):
            try:
                file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise ConfabError(f"{path} cannot be opened: {error.strerror}") from error
            held.callback(os.close, file)
            if not _taken(file):
                raise ConfabError("a `confab push` runs; wait for it, or interrupt it")
        yield


def known_copies(directory: str, session: str) -> list[tuple[str, str]]:
    """Where a session was pushed to: the servers, and its id at each. Raises `ConfabError`."""
    found = []
    for path in _paths(directory):
        data = _read(path)
        told = _told(data).get(session)
        url = next((entry.get("backend") for entry in _entries(data)), None)
        if told is not None and told.session_id and isinstance(url, str):
            found.append((url, told.session_id))
    return found


def forget(directory: str, session: str) -> None:
    """Take a session out of all records. Raises `ConfabError`."""
    for path in _paths(directory):
        data = _read(path)
        entries = list(_entries(data))
        kept = [entry for entry in entries if entry.get("session") != session]
        if len(kept) < len(entries):
            try:
                replace_private_file(path, "".join(json.dumps(e) + "\n" for e in kept).encode())
            except OSError as error:
                raise ConfabError(f"{path} cannot be written: {error.strerror}") from error


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _path(directory: str, url: str, account: str) -> str:
    name = hashlib.sha256(f"{url}\n{account}".encode("utf-8", "replace")).hexdigest()[:16]
    return f"{directory}/{name}{SUFFIX}"


def _paths(directory: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    return [f"{directory}/{name}" for name in names if name.endswith(SUFFIX)]


def _read(path: str) -> bytes:
    """Empty when it is gone meanwhile. Raises `ConfabError`."""
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise ConfabError(f"{path} cannot be read: {error.strerror}") from error


def _entries(data: bytes) -> Iterator[dict[str, Any]]:
    """The lines that can be read; one that was cut off says nothing."""
    for line in data.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict):
            yield entry


def _told(data: bytes) -> dict[str, Told]:
    found: dict[str, Told] = {}
    for entry in _entries(data):
        session = entry.get("session")
        if not isinstance(session, str):
            continue
        told = found.get(session, Told())
        there, end, side, other, summary = map(entry.get, _KEYS)
        if isinstance(there, str):
            told = Told(there)
        if isinstance(end, str):
            told = replace(told, ends=told.ends | {end})
        if isinstance(side, str):
            told = replace(told, side_files=told.side_files | {side})
        if isinstance(other, str):
            told = replace(told, others=told.others | {other})
        if isinstance(summary, str):
            told = replace(told, summary=summary)
        found[session] = told
    return found
