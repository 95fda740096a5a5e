"""When Claude Code deletes a session's files: by their age, whether they are copied or not.

Source: behaviour sheet §10.
"""

from __future__ import annotations

import os

from confab_sync import quickjson

DEFAULT_DAYS = 30
"""What holds when the settings do not say."""

LARGEST_SETTINGS = 16 * 1024 * 1024
"""Bytes of settings.json that are read."""


def cleanup_days(config_directory: str) -> int:
    """How many days old a transcript becomes below this configuration directory of Claude's."""
    try:
        with open(f"{config_directory}/settings.json", "rb") as stream:
            settings = quickjson.loads(stream.read(LARGEST_SETTINGS).decode("utf-8-sig"))
    except (OSError, ValueError):
        return DEFAULT_DAYS
    days = settings.get("cleanupPeriodDays") if isinstance(settings, dict) else None
    if not isinstance(days, int) or isinstance(days, bool):
        return DEFAULT_DAYS
    return max(1, days)


def config_directory(transcript_path: str) -> str:
    """The directory `<directory>` of `<directory>/projects/<project>/<id>.jsonl`."""
    return os.path.dirname(os.path.dirname(os.path.dirname(transcript_path)))


class Retention:
    """The moments of deletion, each settings file read once."""

    def __init__(self) -> None:
        self._days: dict[str, int] = {}

    def deadline(self, transcript_path: str, modified: float) -> float:
        """When a transcript may be deleted that was last written to at `modified`.

        Both in seconds since the epoch.
        """
        directory = config_directory(transcript_path)
        if directory not in self._days:
            self._days[directory] = cleanup_days(directory)
        return modified + self._days[directory] * 86400.0
