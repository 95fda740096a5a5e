from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync import quickjson
from confab_sync.claude.assistant import ClaudeCode
from tests.claude.test_layout import a_session

if TYPE_CHECKING:
    from confab_sync.engine.assistant import Assistant


def test_it_is_what_the_engine_asks_for(tmp_path: Path) -> None:
    assistant: Assistant = ClaudeCode()
    transcript = a_session(tmp_path, "subagents/agent-a.jsonl")
    files = assistant.files(transcript)
    assert assistant.provider == "claude-code"
    assert [seen.name for seen in files] == ["s.jsonl", "agent-a.jsonl"]
    assert assistant.fingerprint(files) != assistant.fingerprint(files[:1]) != 0
    assert assistant.fingerprint([]) == 0
    assert assistant.locate(transcript) == transcript


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_record_is_complete_and_no_beginning_of_it_is(record: dict[str, object]) -> None:
    line = quickjson.dumps(record).encode()
    assert ClaudeCode().is_complete(line)
    assert ClaudeCode().is_complete(line + b"\r")
    assert not any(ClaudeCode().is_complete(line[:end]) for end in range(len(line)))


@pytest.mark.parametrize(
    "line",
    [b"", b"null", b"7", b"[]", b'"x"', b"{}x", b"\xff", b'{"a":"\xff"}', b"\0", b"[" * 9999],
)
def test_what_is_no_record_is_not_complete(line: bytes) -> None:
    assert not ClaudeCode().is_complete(line)
