"""What a daemon believes of files, before and after it has reason to doubt the backend."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.claude.layout import SIDE, TRANSCRIPT, Sighting
from confab_sync.engine.known import KnownFile
from confab_sync.engine.memory import Memory
from confab_sync.engine.position import START, Evidence, Position
from confab_sync.store.values import FilePosition

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = KnownFile("a.jsonl", TRANSCRIPT, Position(2, 8), Evidence(8, b"h", 8, b"t"))
COPY = ("embedded", "id")


def stored(lines: int, offset: int) -> dict[str, FilePosition]:
    return {"a.jsonl": FilePosition(lines, offset, False, 1, TRANSCRIPT)}


def sighting(directory: Path) -> Sighting:
    path = directory / "a.jsonl"
    path.write_bytes(b"one\ntwo\n")
    return Sighting("a.jsonl", TRANSCRIPT, str(path), path.stat())


def test_registry_is_what_is_known_while_the_backend_cannot_be_asked() -> None:
    memory = Memory()
    memory.recall({"a.jsonl": KNOWN})
    assert memory.known("a.jsonl", TRANSCRIPT) == KNOWN
    assert memory.known("b.jsonl", TRANSCRIPT) == KnownFile("b.jsonl", TRANSCRIPT)
    assert not memory.is_stored("a.jsonl")


def test_evidence_counts_only_where_the_backend_agrees(tmp_path: Path) -> None:
    for offset, evidence in ((8, KNOWN.evidence), (4, Evidence())):
        memory = Memory()
        memory.opened(COPY, stored(2, offset), {"a.jsonl": KNOWN})
        file = memory.line_file(sighting(tmp_path))
        assert (file.position, file.known.evidence) == (Position(2, offset), evidence)
        assert memory.is_stored("a.jsonl")


def test_doubt_keeps_the_files_own_evidence_without_a_registry(tmp_path: Path) -> None:
    memory = Memory()
    memory.opened(COPY, {}, {})
    memory.line_file(sighting(tmp_path)).known = KNOWN
    side = KnownFile("x.txt", SIDE, Position(0, 3))
    memory.sides["x.txt"] = side
    memory.doubt()
    memory.opened(COPY, stored(2, 8), {})
    assert memory.line_file(sighting(tmp_path)).known == KNOWN
    assert memory.known("x.txt", SIDE) == side
    assert memory.sides == {}, "the backend is asked again all the same"


def test_chunk_whose_answer_was_lost_is_known_if_it_arrived(tmp_path: Path) -> None:
    for offset, arrived in ((12, True), (8, False)):
        memory = Memory()
        memory.opened(COPY, stored(2, 8), {"a.jsonl": KNOWN})
        file = memory.line_file(sighting(tmp_path))
        unclear = replace(KNOWN, position=Position(3, 12), evidence=Evidence(12, b"H", 12, b"T"))
        file.unclear = unclear
        memory.doubt()
        memory.opened(COPY, stored(3 if arrived else 2, offset), {"a.jsonl": KNOWN})
        assert memory.line_file(sighting(tmp_path)).known == (unclear if arrived else KNOWN)


def test_nothing_is_believed_of_another_copy(tmp_path: Path) -> None:
    memory = Memory()
    memory.opened(COPY, stored(2, 8), {"a.jsonl": KNOWN})
    memory.line_file(sighting(tmp_path)).unclear = KNOWN
    memory.doubt()
    memory.opened(("embedded", "other"), {}, {})
    file = memory.line_file(sighting(tmp_path))
    assert (file.position, file.known.evidence) == (START, Evidence())
