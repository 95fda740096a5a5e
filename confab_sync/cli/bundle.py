"""The zip for a bug report: what helps to understand it, and nothing that is private."""

from __future__ import annotations

import io
import json
import os
import platform
import socket
import sys
import zipfile
from typing import TYPE_CHECKING, Any

from confab_sync import __version__, installer
from confab_sync.cli.cleaning import Cleaner
from confab_sync.cli.doctor import as_json
from confab_sync.errors import ConfabError
from confab_sync.paths import user_home

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from confab_sync.cli.checks.check import Check
    from confab_sync.cli.context import Context

LIBRARIES = ("click", "google-re2", "httpcore", "idna", "rich", "watchfiles", "zstandard")

LOGS = 10
"""The logs that were written to last."""

LINES = 200
"""Lines of each log, the last ones."""

TAIL = 256 * 1024
"""Bytes at the end of a log in which they are looked for."""

SAME_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time on every file in the zip, which tells nothing."""


def write_bundle(context: Context, path: str, found: Sequence[Check]) -> None:
    """Write the zip to the new file `path`, for the user alone. Raises `ConfabError`."""
    content = bundle(context, found)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as stream:
            stream.write(content)
    except OSError as error:
        raise ConfabError(f"{path} cannot be written: {error.strerror}") from error


def bundle(context: Context, found: Sequence[Check]) -> bytes:
    """The zip: versions, checks, the shape of config.json, the ends of logs."""
    settings = _settings(context)
    cleaner = Cleaner(settings, user_home(context.environ), _names(context))
    files: dict[str, object] = {
        "versions.json": versions(),
        "doctor.json": [as_json(check) for check in found],
        "config.json": cleaner.settings(settings) if settings is not None else "cannot be read",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            _add(archive, name, cleaner.text(json.dumps(content, indent=2, ensure_ascii=False)))
        for number, text in enumerate(_logs(context), 1):
            _add(archive, f"logs/{number}.log", cleaner.text(text))
    return out.getvalue()


def versions() -> dict[str, str]:
    """What of this machine and this installation a bug may depend on."""
    from importlib import metadata

    found = {
        "confab": __version__,
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "installer": installer.installer(),
    }
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, SAME_MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text.encode("utf-8", "backslashreplace"))


def _settings(context: Context) -> Mapping[str, Any] | None:
    """What config.json holds, whether or not it can be used; None when it cannot be read."""
    try:
        with open(context.paths.config, encoding="utf-8-sig") as stream:
            content = json.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _names(context: Context) -> list[str]:
    """What this user and this machine are called."""
    import pwd

    found = [context.environ.get("USER", ""), context.environ.get("LOGNAME", "")]
    found.append(os.path.basename(user_home(context.environ).rstrip("/")))
    try:
        found.append(pwd.getpwuid(os.getuid()).pw_name)
    except KeyError:
        pass
    host = socket.gethostname()
    found += [host, host.partition(".")[0]]
    # Common words that are names on countless machines tell nothing, and are in many texts.
    return [name for name in dict.fromkeys(found) if name not in ("", "root", "home", "localhost")]


def _logs(context: Context) -> Iterator[str]:
    """The last lines of the logs that were written to last."""
    try:
        entries = [
            (entry.stat(follow_symlinks=False).st_mtime, entry.path)
            for entry in os.scandir(context.paths.logs)
            if entry.name.endswith(".log") and entry.is_file(follow_symlinks=False)
        ]
    except OSError:
        return
    for _, path in sorted(entries, reverse=True)[:LOGS]:
        try:
            with open(path, "rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                stream.seek(max(0, size - TAIL))
                data = stream.read(TAIL)
        except OSError:
            continue
        rows = data.decode("utf-8", "replace").splitlines()
        whole = rows if size <= TAIL else rows[1:]
        yield "\n".join(whole[-LINES:]) + "\n"
