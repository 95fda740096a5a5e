"""What the engine does with the lines of a transcript, with masking or without it."""

from __future__ import annotations

from collections.abc import Callable

import zstandard

from confab_sync.backends.http.lines import encode
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine.position import NO_EVIDENCE, START
from confab_sync.engine.reader import open_reader
from confab_sync.engine.tail import read_batch
from confab_sync.redaction.masker import Masker
from confab_sync.store.codec import Packer
from confab_sync.store.values import Chunk

Hand = Callable[[Chunk], object]


def copy(path: str, masker: Masker | None, hand: Hand) -> None:
    """Read a transcript batch by batch, as a sync cycle does, and hand each one on.

    Everything is done but what the database and the network do with the bytes.
    """
    assistant = ClaudeCode()
    position, evidence = START, NO_EVIDENCE
    with open_reader(path) as reader:
        while (batch := read_batch(reader, position, evidence)) is not None:
            position, evidence = batch.position, batch.evidence
            hand(
                Chunk(
                    file_name="transcript.jsonl",
                    file_type="transcript",
                    first_line=batch.first_line,
                    lines=batch.lines,
                    data=masker.mask_lines(batch.data).data if masker else batch.data,
                    source_end=position.offset,
                    open_end=position.open_end,
                    metadata=assistant.metadata("transcript", batch.data),
                )
            )


def to_store() -> Hand:
    """What the embedded store makes of a chunk: one zstd frame and a digest."""
    packer = Packer()
    return lambda chunk: packer.packed(chunk.data)


def to_server() -> Hand:
    """What the HTTP backend makes of it: JSON strings in one body, compressed."""
    compressor = zstandard.ZstdCompressor(level=3)

    def hand(chunk: Chunk) -> None:
        body = b'{"lines":[' + b",".join(encode(chunk).encoded) + b"]}"
        compressor.compress(body)

    return hand
