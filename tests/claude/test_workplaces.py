from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.claude.workplaces import workplaces


def test_every_directory_of_a_session_is_found(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    rows: list[object] = [
        {"cwd": "/a"},
        {"type": "user", "message": {"cwd": 7}, "cwd": '/b "q" \u00fc'},
        {"nothing": "here"},
        {"cwd": "/a"},
        {"cwd": ""},
    ]
    lines = [json.dumps(row) for row in rows]
    path.write_text("\n".join([*lines, '{"cwd" : "/torn", "te', '"cwd":"\\q"']))
    assert workplaces(str(path)) == {"/a", '/b "q" \u00fc', "/torn"}


def test_what_is_only_quoted_in_a_line_is_none(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps({"text": '{"cwd": "/quoted"}'}) + "\n")
    assert workplaces(str(path)) == set()


def test_without_a_transcript_there_are_none(tmp_path: Path) -> None:
    assert workplaces(str(tmp_path / "s.jsonl")) == set()
    assert workplaces(str(tmp_path)) == set()


@given(st.text(min_size=1))
def test_whatever_a_directory_is_called_it_is_found(name: str) -> None:
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as file:
        file.write(json.dumps({"cwd": name}).encode() + b"\n")
        file.flush()
        assert workplaces(file.name) == {name}
