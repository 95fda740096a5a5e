"""The settings that an administrator imposes on Claude Code, as far as they switch hooks off.

Source: https://code.claude.com/docs/en/settings, "managed settings"; the preferences that
macOS pushes by MDM, and what a server sends, cannot be read here.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

from confab_sync import quickjson

if TYPE_CHECKING:
    from collections.abc import Iterator

LINUX = "/etc/claude-code"
MACOS = "/Library/Application Support/ClaudeCode"

NO_HOOKS = "disableAllHooks"
ONLY_MANAGED = "allowManagedHooksOnly"

LARGEST = 16 * 1024 * 1024
"""Bytes of a settings file that are read."""


def managed_directory(platform: str = sys.platform) -> str:
    """Where managed settings lie on this platform (as `sys.platform` names it)."""
    return MACOS if platform == "darwin" else LINUX


def managed_switches(directory: str) -> Iterator[tuple[str, str]]:
    """Each file of managed settings that keeps our hooks from running, with the key that does."""
    for path in _files(directory):
        settings = read_settings(path)
        for key in (NO_HOOKS, ONLY_MANAGED):
            if settings.get(key) is True:
                yield path, key


def read_settings(path: str) -> dict[str, Any]:
    """The object in a settings file; an empty one where there is none to be understood."""
    try:
        with open(path, "rb") as stream:
            settings = quickjson.loads(stream.read(LARGEST).decode("utf-8-sig"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _files(directory: str) -> list[str]:
    dropped = f"{directory}/managed-settings.d"
    try:
        names = sorted(os.listdir(dropped))
    except OSError:
        names = []
    return [
        f"{directory}/managed-settings.json",
        *(f"{dropped}/{name}" for name in names if name.endswith(".json")),
    ]
