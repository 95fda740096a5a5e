"""Since when sessions are wanted that no hook told of, as the user said at setup."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from confab_sync.config import Config, load_config
from confab_sync.errors import ConfigError
from confab_sync.presence import due

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.paths import FinisherPaths, Paths


class Wishes:
    """The moments before which sessions are left alone, for each configuration directory.

    `bound` are those of Claude's configuration directories that have a backend of their own;
    all others share one moment. Of those in `let_go` nothing is wanted.
    """

    def __init__(
        self, paths: FinisherPaths, bound: Iterable[str] = (), let_go: Iterable[str] = ()
    ) -> None:
        self._usual = due.moment(paths.since)
        self._of = {directory: due.moment(place(paths, directory)) for directory in bound}
        self._of |= dict.fromkeys(let_go, float("inf"))

    def since(self, transcript_path: str) -> float:
        """The moment, in seconds since the epoch, for sessions in the place of this one.

        Infinite where nothing is wanted at all.
        """
        if not self._of:
            return self._usual
        directory = transcript_path
        for _ in range(3):
            directory = os.path.dirname(directory)
        return self._of.get(directory, self._usual)

    def wants_nothing(self, transcript_path: str) -> bool:
        """Whether no session in the place of this one is wanted, known or not."""
        return self.since(transcript_path) == float("inf")


def wishes_of(paths: Paths) -> Wishes:
    """Those that stand in config.json and beside it; config.json may be one that is broken."""
    config = settings_or_none(paths)
    return Wishes(paths.finisher, config.bound_directories, config.directories_let_go)


def settings_or_none(paths: Paths) -> Config:
    """The settings; as if there were none when they cannot be understood."""
    try:
        return load_config(paths.config)
    except ConfigError:
        return Config()


def place(paths: FinisherPaths, directory: str | None) -> str:
    """The file whose modification time is the moment; None is the default directory."""
    if directory is None:
        return paths.since
    import hashlib  # most people have one directory

    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return f"{paths.since}-{name}"
