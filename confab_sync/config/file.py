"""The settings' file: read whole, and written without losing what another writer put there."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from confab_sync.config.reading import parse_config
from confab_sync.config.values import Config
from confab_sync.errors import ConfigError
from confab_sync.files import locked, replace_private_file
from confab_sync.paths import make_private_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def load_config(path: str) -> Config:
    """Read and check the settings at `path`; a missing file means the defaults.

    Raises `ConfigError`, naming the file and where known the line (1-based) and the key,
    for what cannot be read, is not JSON or has a wrong type. No message holds a secret.
    """
    try:
        with open(path, "rb") as stream:
            if os.fstat(stream.fileno()).st_uid not in (0, os.geteuid()):
                raise ConfigError(f"{path} belongs to another user, whose wishes do not count here")
            data = stream.read()
    except FileNotFoundError:
        return Config()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    return parse_config(data, path)


def write_config(path: str, changes: Mapping[str, object]) -> Config:
    """Set top-level keys of the settings at `path`; None removes a key. Returns the result.

    Keys that are not named, known or not, keep their value and their place; but a key is for
    one server only, so another `backend_url` alone takes `api_key` away. The file and
    missing directories become private (0600, 0700); a symbolic link stays one. Raises
    `ConfigError`, and then nothing has changed.
    """
    return change_config(path, lambda _: changes)


def change_config(path: str, change: Callable[[Config], Mapping[str, object]]) -> Config:
    """Like `write_config`, with changes that depend on the settings in force.

    `change` is asked while other writers wait, so that none of two changes gets lost.
    """
    target = os.path.realpath(path)
    try:
        if not os.path.isdir(directory := os.path.dirname(target)):
            make_private_directory(directory, may_be_link=True)
        with locked(target + ".lock"):
            return _write_locked(path, target, change)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error


def _write_locked(
    path: str, target: str, change: Callable[[Config], Mapping[str, object]]
) -> Config:
    exists = os.path.exists(target)
    before = load_config(path)
    changes = change(before)
    moves = changes.get("backend_url", before.backend_url) != before.backend_url
    if moves and "api_key" not in changes:
        changes = {**changes, "api_key": ""}
    merged = {**before.raw, **changes}
    wanted = {
        key: value for key, value in merged.items() if value is not None or key not in changes
    }
    text = json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair can only be written as an escape
        data = json.dumps(wanted, indent=2).encode("ascii") + b"\n"
    config = parse_config(data, path)
    if not exists or config.raw != before.raw:
        replace_private_file(target, data)
    elif os.stat(target).st_mode & 0o077:
        os.chmod(target, 0o600)
    return config
