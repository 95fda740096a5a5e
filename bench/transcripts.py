"""Made-up transcripts to measure masking on."""

from __future__ import annotations

import base64
import functools
import json
import random
import sysconfig
import uuid
from pathlib import Path

WORDS = (
    *("read", "write", "the", "first", "line", "keep", "whole", "session", "file", "offset"),
    *("chunk", "retry", "position", "lock", "daemon", "backend", "store", "token", "password"),
    *("secret", "key", "café", "東京", "naïve", "value", "update", "function", "return"),
)

SOURCES = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
"""What is read and edited in the made-up sessions: the standard library, secrets.py included."""


def realistic(size: int, seed: int = 1, secrets: float = 0.002) -> bytes:
    """About `size` bytes of lines as Claude Code writes them; a share of them with a secret."""
    made = random.Random(seed)
    lines: list[bytes] = []
    total = 0
    while total < size:
        row = made.choice(_ROWS)(made)
        if made.random() < secrets:
            row["toolUseResult"] = {"stdout": f"DB_PASSWORD={made.randbytes(9).hex()}\n"}
        lines.append(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        total += len(lines[-1])
    return b"".join(lines)


def _frame(made: random.Random, kind: str) -> dict[str, object]:
    return {
        "parentUuid": str(uuid.UUID(int=made.getrandbits(128))),
        "isSidechain": False,
        "userType": "external",
        "cwd": "/home/user/work/app",
        "sessionId": str(uuid.UUID(int=made.getrandbits(128))),
        "version": "2.1.0",
        "gitBranch": "main",
        "type": kind,
        "uuid": str(uuid.UUID(int=made.getrandbits(128))),
        "timestamp": "2026-02-03T10:00:00.123Z",
    }


def _prose(made: random.Random, words: int) -> str:
    return " ".join(made.choice(WORDS) for _ in range(words))


@functools.cache
def _source(path: Path) -> list[str]:
    return path.read_text("utf-8", "replace").splitlines()


def _code(made: random.Random, lines: int) -> str:
    source = _source(made.choice(SOURCES))
    first = made.randrange(max(1, len(source) - lines))
    excerpt = source[first : first + lines]
    return "\n".join(f"{number:6}→{line}" for number, line in enumerate(excerpt, first + 1))


def _assistant(made: random.Random) -> dict[str, object]:
    row = _frame(made, "assistant")
    signature = base64.b64encode(made.randbytes(300)).decode()
    usage = {"input_tokens": 12, "cache_read_input_tokens": 41234, "output_tokens": 512}
    row["message"] = {
        "id": "msg_01" + made.randbytes(11).hex(),
        "role": "assistant",
        "model": "claude-opus",
        "content": [
            {"type": "thinking", "thinking": _prose(made, 120), "signature": signature},
            {"type": "text", "text": _prose(made, 80)},
            {"type": "tool_use", "id": "toolu_" + made.randbytes(12).hex(), "name": "Edit"},
        ],
        "usage": usage,
    }
    return row


def _read(made: random.Random) -> dict[str, object]:
    row = _frame(made, "user")
    text = _code(made, made.randrange(20, 200))
    row["message"] = {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": text}],
    }
    row["toolUseResult"] = {"file": {"filePath": "/home/user/a.py", "content": text}}
    return row


def _plain(made: random.Random) -> dict[str, object]:
    row = _frame(made, "user")
    row["message"] = {"role": "user", "content": _prose(made, made.randrange(5, 200))}
    return row


def _listing(made: random.Random) -> dict[str, object]:
    row = _frame(made, "user")
    names = [f"src/{made.randbytes(4).hex()}/{made.choice(WORDS)}.py" for _ in range(100)]
    row["toolUseResult"] = {"filenames": names, "numFiles": 100, "durationMs": 12}
    return row


def _picture(made: random.Random) -> dict[str, object]:
    row = _frame(made, "user")
    data = base64.b64encode(made.randbytes(30_000)).decode()
    source = {"type": "base64", "media_type": "image/png", "data": data}
    row["message"] = {"role": "user", "content": [{"type": "image", "source": source}]}
    return row


_ROWS = (_assistant, _assistant, _read, _plain, _plain, _listing, _assistant, _read, _picture)
