"""A backend that is only ever handed masked content: the one gate of everything that leaves.

Every string passes: lines, side files, metadata, paths, git's facts, the payload of
session_end. The source's offsets stay those of the unmasked file, so what is masked never
moves a position.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from confab_sync.backends.choice import configured_backend
from confab_sync.config import Send, load_config
from confab_sync.engine.reduced import ReducedBackend
from confab_sync.errors import ConfigError
from confab_sync.redaction.configured import masker_from
from confab_sync.redaction.discretion import Discretion
from confab_sync.redaction.side_by_side import mask_side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from confab_sync.backends.protocol import Appended, Backend
    from confab_sync.paths import Paths
    from confab_sync.redaction.masker import Masked, Masker
    from confab_sync.store.values import (
        Chunk,
        ChunkMetadata,
        FilePosition,
        OpenedSession,
        SessionInfo,
        SideFile,
    )

    Count = Callable[[Mapping[str, int]], None]


def masking_backend(
    paths: Paths,
    directory: str | None,
    count: Count,
    live: Callable[[], Mapping[str, object]] = dict,
) -> Backend:
    """The configured backend behind the configured masker, told only what is to be sent.

    `directory` is the assistant's configuration directory, None for the default one; `count`
    is told how many secrets of each type were masked in what the backend has taken; `live` gives
    what a daemon says of itself in passing, which has to be free of content. Raises
    `ConfigError`, for a pattern that cannot be used as well: then nothing is sent.
    """
    return guarded(paths, lambda: configured_backend(paths, directory, live), count)


def guarded(paths: Paths, open_backend: Callable[[], Backend], count: Count) -> Backend:
    """Any backend behind the configured masker, told only what is to be sent.

    As `masking_backend`; `open_backend` is asked once it is clear how to mask.
    """
    config = load_config(paths.config)
    try:
        masker = masker_from(config.raw.get("redaction"))
    except ConfigError as error:
        raise ConfigError(f"{paths.config}: {error}") from error
    backend = open_backend()
    if config.send != Send():
        backend = ReducedBackend(backend, config.send)
    return backend if masker is None else MaskedBackend(backend, masker, count)


def configured_discretion(paths: Paths) -> Discretion:
    """What may be put on record, by the configured masking."""
    return Discretion(lambda: load_config(paths.config).raw.get("redaction"))


def masked_payload(paths: Paths, payload: object) -> str:
    """What a hook was handed, as JSON, masked as it would be on its way to the backend.

    Without a masker that can be used, only what happened remains of it.
    """
    try:
        masker = masker_from(load_config(paths.config).raw.get("redaction"))
    except ConfigError:
        fields = payload if isinstance(payload, dict) else {}
        return json.dumps({name: fields.get(name) for name in ("hook_event_name", "reason")})
    line = json.dumps(payload).encode("ascii")
    return (line if masker is None else masker.mask_lines(line).data).decode("ascii")


@dataclass(frozen=True, slots=True)
class MaskedLines:
    """The lines of a chunk as `masker` leaves them."""

    masker: Masker
    masked: Masked

    def is_of(self, chunk: Chunk, masker: Masker) -> bool:
        """Whether this is what `masker` has left of the chunk, which holds nothing else."""
        return self.masker is masker and self.masked.data is chunk.data


class MaskedBackend:
    """The `Backend` that masks before it hands on."""

    def __init__(self, backend: Backend, masker: Masker, count: Count) -> None:
        self.name = backend.name
        self.pace = backend.pace
        self._backend = backend
        self._masker = masker
        self._count = count

    @property
    def requests(self) -> int:
        """How often the server was asked for something until now."""
        return self._backend.requests

    def takes(self, kind: str, name: str) -> bool:
        """Whether it keeps such files."""
        return self._backend.takes(kind, name)

    def open_session(self, info: SessionInfo) -> OpenedSession:
        """Open the session; what is said of it is masked."""
        return self._backend.open_session(
            replace(
                info,
                transcript_path=self._masker.mask_text(info.transcript_path),
                cwd=self._text(info.cwd),
                hostname=self._text(info.hostname),
                username=self._text(info.username),
                git_info=self._value(info.git_info),
            )
        )

    def prepared(self, chunk: Chunk) -> Chunk:
        """The chunk with its lines masked."""
        masked = mask_side_by_side(self._masker, chunk.data)
        return replace(chunk, data=masked.data, prepared=MaskedLines(self._masker, masked))

    def append(self, session_id: str, chunk: Chunk) -> Appended:
        """Append the chunk's lines, masked."""
        # Masked first: a title is made by cutting, and by leaving out tags that give secrets away.
        lines = self._lines(chunk)
        chunk = replace(chunk, data=lines.data, prepared=None).described()
        appended = self._backend.append(
            session_id, replace(chunk, metadata=self._metadata(chunk.metadata))
        )
        self._add(lines)
        return appended

    def has_lines(self, session_id: str, chunk: Chunk) -> bool | None:
        """Whether the lines are there as they would be sent now, masked."""
        masked = replace(chunk, data=self._lines(chunk).data, prepared=None)
        return self._backend.has_lines(session_id, masked)

    def restart_file(self, session_id: str, file_name: str) -> FilePosition:
        """Begin a new generation."""
        return self._backend.restart_file(session_id, file_name)

    def put_side_file(self, session_id: str, side_file: SideFile) -> None:
        """Store the side file, masked."""
        masked = self._masker.mask_bytes(side_file.data)
        self._backend.put_side_file(session_id, replace(side_file, data=masked.data))
        self._add(masked)

    def end_session(self, session_id: str, timestamp: datetime, payload: object) -> None:
        """Record the end; its payload is masked."""
        self._backend.end_session(session_id, timestamp, self._value(payload))

    def summarize(self, provider: str, external_id: str, summary: str) -> None:
        """Set a summary, masked."""
        self._backend.summarize(provider, external_id, self._masker.mask_text(summary))

    def close(self) -> None:
        """Let go of connections."""
        self._backend.close()

    def _metadata(self, metadata: ChunkMetadata) -> ChunkMetadata:
        return replace(
            metadata,
            summary=self._text(metadata.summary),
            first_user_message=self._text(metadata.first_user_message),
            git_info=self._value(metadata.git_info),
        )

    def _text(self, text: str | None) -> str | None:
        return None if text is None else self._masker.mask_text(text)

    def _value(self, value: object) -> object:
        """A JSON value, masked as a line of a transcript would be."""
        if value is None:
            return None
        line = json.dumps(value).encode("ascii")
        masked = self._masker.mask_lines(line).data
        return value if masked is line else json.loads(masked)

    def _lines(self, chunk: Chunk) -> Masked:
        """The chunk's lines, masked: now, unless that was done in advance."""
        made = chunk.prepared
        if isinstance(made, MaskedLines) and made.is_of(chunk, self._masker):
            return made.masked
        return mask_side_by_side(self._masker, chunk.data)

    def _add(self, masked: Masked) -> None:
        if masked.counts:
            self._count(masked.counts)
