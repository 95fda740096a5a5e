"""Claude Code as the engine sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync import quickjson
from confab_sync.claude import layout
from confab_sync.paths import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterable


class ClaudeCode:
    """The `Assistant` whose transcripts lie below a Claude projects directory."""

    provider = PROVIDER

    def files(self, transcript_path: str) -> list[layout.Sighting]:
        """Every file of the session, the transcript first."""
        return list(layout.session_files(transcript_path))

    def fingerprint(self, sightings: Iterable[layout.Signed]) -> int:
        """One number that changes whenever one of the files does."""
        return layout.fingerprint(sightings)

    def locate(self, transcript_path: str) -> str | None:
        """Where the transcript lies now."""
        return layout.locate(transcript_path)

    def is_complete(self, line: bytes) -> bool:
        """Whether `line` is a whole JSON object (behaviour sheet §6: one record a line)."""
        try:
            return isinstance(quickjson.loads(line.decode("utf-8")), dict)
        except ValueError:
            return False
