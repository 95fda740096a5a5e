"""Claude Code as the engine sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync import quickjson
from confab_sync.claude import earlier, layout, metadata
from confab_sync.claude.opening import FIRST_BYTES
from confab_sync.paths import PROVIDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.metadata import ChunkMetadata


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

    def working_directory(self, transcript_path: str) -> str:
        """Where the session was, as the first lines of its transcript say; may be empty."""
        try:
            with open(transcript_path, "rb") as stream:
                return metadata.working_directory(stream.read(FIRST_BYTES))
        except (OSError, ValueError):  # the cycle will say so
            return ""

    def metadata(self, kind: str, lines: bytes) -> ChunkMetadata:
        """What lines of a file of this kind say about their session."""
        return metadata.chunk_metadata(kind, lines)

    def earlier_summaries(
        self, transcript_path: str, kind: str, lines: bytes
    ) -> list[tuple[str, str]]:
        """The summaries in these lines that are an earlier session's: (its id, summary)."""
        return earlier.earlier_summaries(transcript_path, kind, lines)

    def is_complete(self, line: bytes) -> bool:
        """Whether `line` is a whole JSON object (behaviour sheet §6: one record a line)."""
        try:
            return isinstance(quickjson.loads(line.decode("utf-8")), dict)
        except ValueError:
            return False
