"""Lines in the shapes that Claude Code was seen to write, with nothing of anybody's in them."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator


def lines(rng: random.Random) -> Iterator[tuple[str, bytes]]:
    """What the line tells of, and the line."""
    session, parent = _uuid(rng), _uuid(rng)
    frame: dict[str, object] = {
        "parentUuid": parent,
        "isSidechain": False,
        "uuid": _uuid(rng),
        "timestamp": "2026-02-03T10:00:00.123Z",
        "userType": "external",
        "entrypoint": "sdk-cli",
        "cwd": "/home/someone/work/token-service",
        "sessionId": session,
        "version": "2.1.0",
        "gitBranch": "fix/password-reset",
    }
    blobs = [rng.randbytes(32).hex() for _ in range(4)]
    usage = {
        "input_tokens": 15234,
        "cache_creation_input_tokens": 41234,
        "output_tokens_details": {"thinking_tokens": 1234},
        "cache_creation": {"ephemeral_1h_input_tokens": 12345, "ephemeral_5m_input_tokens": 0},
        "service_tier": "standard",
    }
    call = {"type": "tool_use", "id": f"toolu_{_base62(rng, 24)}", "name": "Bash", "input": {}}
    hook = {
        "type": "hook_success",
        "hookName": "SessionStart:startup",
        "toolUseID": _uuid(rng),
        "stdout": '{"continue":true,"suppressOutput":true}\n',
        "command": "/home/someone/.confab/bin/confab hook session-start",
    }
    reminder = {
        "type": "environment",
        "rendered": [{"content": "<system-reminder>\nSecrets: ask before you print any.\n"}],
    }
    rows: tuple[dict[str, object], ...] = (
        {"type": "queue-operation", "operation": "enqueue", "sessionId": session, "content": "x"},
        {**frame, "type": "attachment", "attachment": hook},
        {**frame, "type": "attachment", "attachment": reminder},
        {**frame, "type": "user", "promptId": _uuid(rng), "message": {"content": "fix auth"}},
        {
            **frame,
            "type": "assistant",
            "requestId": f"req_{_base62(rng, 24)}",
            "message": {"id": f"msg_{_base62(rng, 24)}", "content": [call], "usage": usage},
        },
        {
            "type": "api-request",
            "id": _uuid(rng),
            "shapeHash": blobs[0],
            "tail": blobs[1:],
            "params": {"betas": ["thinking-token-count-2026-05-13"], "max_tokens": 128000},
        },
        {"type": "api-request-blob", "hash": blobs[1], "message": {"role": "user", "content": "x"}},
        {"type": "tools-used", "tools": ["Bash"], "sessionId": session},
        {"type": "last-prompt", "lastPrompt": "rotate the API key", "leafUuid": parent},
        {
            **frame,
            "type": "system",
            "subtype": "stop_hook_summary",
            "hookInfos": [{"command": "'/home/someone/record.sh'", "durationMs": 20}],
        },
        {
            "type": "cost-state",
            "startTime": 1795183366359,
            "modelUsage": {"m": {"thinkingTokens": 12345, "cacheReadInputTokens": 98765}},
        },
        {"type": "summary", "summary": "Password reset", "leafUuid": parent},
    )
    for row in rows:
        yield f"a row of type {row['type']}", json.dumps(row, separators=(",", ":")).encode()


def _uuid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _base62(rng: random.Random, count: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(rng.choices(letters, k=count))
