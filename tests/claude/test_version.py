"""Which Claude Code wrote a transcript is told by its last lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from confab_sync.claude.version import OBSERVED, is_known, transcript_version


def transcript(directory: Path, *versions: object) -> str:
    path = directory / "t.jsonl"
    path.write_text("".join(json.dumps({"version": version}) + "\n" for version in versions))
    return str(path)


def test_the_last_version_counts(tmp_path: Path) -> None:
    path = transcript(tmp_path, "2.1.300", "2.1.328", None, "not a version", 3)
    with open(path, "a") as file:
        file.write('"version"\n{"version": "9.9.9')
    assert transcript_version(path) == "2.1.328"


def test_a_long_transcript_is_read_at_its_end(tmp_path: Path) -> None:
    path = transcript(tmp_path, "1.0.0", *[None] * 20_000, "2.1.329")
    assert transcript_version(path) == "2.1.329"


def test_without_a_version_or_a_file_there_is_none(tmp_path: Path) -> None:
    assert transcript_version(transcript(tmp_path)) == ""
    assert transcript_version(str(tmp_path / "none.jsonl")) == ""


@pytest.mark.parametrize(
    ("version", "known"),
    [(OBSERVED, True), ("2.1.330", True), ("2.2.0", False), ("3.0.1", False), ("", False)],
)
def test_neighbours_of_the_observed_version_are_known(version: str, known: bool) -> None:
    assert is_known(version) == known
