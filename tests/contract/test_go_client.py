"""A whole session as the Go CLI sends it (contract §4 and §5), against the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import zstandard

from .target import new_id

if TYPE_CHECKING:
    import httpx

    from .target import Target

USER_AGENT = "confab/1.2.3 (linux; amd64)"
COMPRESSED_FROM = 1024
"""Bytes from which the Go CLI compresses any body (contract §4.5)."""


def sent(target: Target, path: str, body: dict[str, Any]) -> httpx.Response:
    """POST as the Go CLI does: its header set, its compression, `<>&` escaped."""
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    for plain, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(plain, escaped)
    content, headers = text.encode(), {"User-Agent": USER_AGENT}
    if len(content) >= COMPRESSED_FROM:
        content, headers["Content-Encoding"] = zstandard.compress(content), "zstd"
    return target.send(
        "POST",
        path,
        content=content,
        headers={**headers, "Content-Type": "application/json", "Accept-Encoding": "gzip"},
    )


def test_a_session_of_the_go_cli(target: Target) -> None:
    external_id = new_id()
    name = f"{external_id}.jsonl"
    identity = {
        "provider": "claude-code",
        "external_id": external_id,
        "transcript_path": f"/h/.claude/projects/p/{name}",
    }
    metadata = {
        "cwd": "/h/p",
        "hostname": "box",
        "username": "ann",
        "git_info": {"branch": "main", "is_dirty": False},
    }
    opened = sent(target, "/api/v1/sync/init", {**identity, "metadata": metadata})
    assert opened.status_code == 200
    assert set(opened.json()) == {"session_id", "provider", "files"}
    assert opened.json()["files"] == {}
    session_id = opened.json()["session_id"]

    lines = [
        json.dumps({"type": "user", "message": {"content": "Fix <the> parser & more"}, "n": n})
        for n in range(30)
    ]
    chunk: dict[str, Any] = {
        "session_id": session_id,
        "file_name": name,
        "file_type": "transcript",
        "first_line": 1,
        "lines": [lines[0], "", *lines[1:]],
        "metadata": {"first_user_message": "Fix the parser", "git_info": {"branch": "main"}},
    }
    assert sent(target, "/api/v1/sync/chunk", chunk).json() == {"last_synced_line": 31}

    again = sent(target, "/api/v1/sync/chunk", chunk)
    assert again.status_code == 400
    expected = "first_line must be 32 (got 1) - chunks must be contiguous"
    assert again.json() == {"error": expected}

    # After a failure the Go CLI inits again with its identity only (contract §4.6).
    refreshed = sent(target, "/api/v1/sync/init", identity).json()
    assert refreshed["session_id"] == session_id
    assert refreshed["files"] == {name: {"last_synced_line": 31}}

    agent = {
        "session_id": session_id,
        "file_name": "agent-a1b2c3.jsonl",
        "file_type": "agent",
        "first_line": 1,
        "lines": ['{"isSidechain":true}'],
    }
    assert sent(target, "/api/v1/sync/chunk", agent).json() == {"last_synced_line": 1}
    event = {
        "session_id": session_id,
        "event_type": "session_end",
        "timestamp": "2026-02-03T10:00:00.123456789+01:00",
        "payload": {"session_id": external_id, "reason": "exit", "permission_mode": ""},
    }
    assert sent(target, "/api/v1/sync/event", event).json() == {"success": True}

    route = f"/api/v1/sessions/{session_id}/files"
    listed = target.get(route).json()["files"]
    assert [(file["file_name"], file["last_synced_line"]) for file in listed] == [
        (name, 31),
        ("agent-a1b2c3.jsonl", 1),
    ]
    downloaded = target.get(f"{route}/download?file_name={name}")
    assert downloaded.text == "".join(line + "\n" for line in chunk["lines"])
