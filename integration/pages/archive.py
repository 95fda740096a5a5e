"""Sessions put straight into a server's store: long ones, hostile ones, and very many."""

import json
import struct
import uuid
import zlib
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, ChunkMetadata, SessionInfo, SideFile

BEGIN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PIECE = 2 * 1024 * 1024
"""Bytes that a daemon would send at once."""


class Archive:
    """The store of a server that runs, as a daemon on its machine would write it."""

    def __init__(self, path: Path) -> None:
        self.now = datetime.now(UTC)
        self._store = Store.open(str(path), clock=lambda: self.now)
        with self._store._database.read() as connection:
            connection.execute("PRAGMA synchronous = OFF")  # nobody cuts the power of a test

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def put(
        self,
        *rows: bytes,
        title: str = "",
        external_id: str = "",
        agent: str = "",
        **known: Any,
    ) -> tuple[str, str]:
        """Store further rows of a new or known session; its public id and its own."""
        external_id = external_id or str(uuid.uuid4())
        info = SessionInfo("claude-code", external_id, f"/p/{external_id}.jsonl", **known)
        opened = self._store.open_session(info)
        name = f"subagents/agent-{agent}.jsonl" if agent else f"{external_id}.jsonl"
        before = opened.files.get(name)
        lines, end = (before.lines, before.source_bytes or 0) if before else (0, 0)
        told = ChunkMetadata(first_user_message=title or None, latest_message_at=self.now)
        for group in _groups(rows):
            data = b"".join(group)
            end += len(data)
            self._store.append(
                opened.session_id,
                Chunk(
                    name,
                    "agent" if agent else "transcript",
                    lines + 1,
                    len(group),
                    data,
                    end,
                    metadata=told,
                ),
            )
            lines += len(group)
        return opened.session_id, external_id

    def side_file(self, session_id: str, name: str, data: bytes) -> None:
        """Store a file that is kept whole."""
        self._store.put_side_file(session_id, SideFile(name, data, 1))

    def end(self, session_id: str) -> None:
        """Tell of the session's end."""
        self._store.add_event(session_id, "session_end", self.now, None)


def _groups(rows: tuple[bytes, ...]) -> list[list[bytes]]:
    groups: list[list[bytes]] = [[]]
    size = 0
    for row in rows:
        if size > PIECE:
            groups.append([])
            size = 0
        groups[-1].append(row)
        size += len(row)
    return groups


def row(kind: str, content: object, second: float = 0, context: int = 0, **more: object) -> bytes:
    """One line of a transcript."""
    message: dict[str, object] = {"role": kind, "content": content}
    if context:
        message["usage"] = {"input_tokens": context, "output_tokens": 50}
        message["model"] = "claude-opus-4-5"
    moment = (BEGIN + timedelta(seconds=second)).isoformat()
    return (
        json.dumps({"type": kind, "timestamp": moment, "message": message, **more}).encode() + b"\n"
    )


def text(said: str) -> dict[str, str]:
    """A block of text."""
    return {"type": "text", "text": said}


def call(number: str, name: str, **asked: object) -> dict[str, object]:
    """A block that asks for a tool."""
    return {"type": "tool_use", "id": number, "name": name, "input": asked}


def result(number: str, content: object, *, is_error: bool = False) -> dict[str, object]:
    """A block with what a tool gave back."""
    return {
        "type": "tool_result",
        "tool_use_id": number,
        "content": content,
        "is_error": is_error,
    }


def picture(media_type: str, data: bytes) -> dict[str, object]:
    """A block with a picture."""
    source = {"type": "base64", "media_type": media_type, "data": b64encode(data).decode()}
    return {"type": "image", "source": source}


def png(width: int, height: int) -> bytes:
    """A picture in one colour."""
    line = b"\0" + b"\x20\x80\xa0" * width

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(line * height)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def working_day() -> list[bytes]:
    """A session with all that a transcript has."""
    rows = [
        row("user", "The checkout pays twice.\nPlease find out **why**.", 0),
        row(
            "assistant", [{"type": "thinking", "thinking": "Look at the retries first."}], 2, 18_000
        ),
        row("assistant", [text("I'll look at `payments.py`.")], 3, 18_000),
        row("assistant", [call("t1", "Bash", command="rg -n uuid4 src")], 5, 19_000),
        row("user", [result("t1", "src/payments.py:9: key = uuid4()\nfailed", is_error=True)], 9),
        row(
            "assistant", [text("```python\ndef pay(order):\n    return order.key\n```")], 12, 21_000
        ),
        row(
            "assistant",
            [call("t2", "Agent", description="Look", prompt="Find **other** loops")],
            14,
            22_000,
        ),
        row("user", [result("t2", "Two more.")], 80, toolUseResult={"agentId": "a1"}),
        row("user", "Commit it.", 300),
        row(
            "assistant",
            [call("t3", "Bash", command="git commit -am x && gh pr create")],
            301,
            25_000,
        ),
        row(
            "user",
            [result("t3", "[main 4f2c9ab] One key\nhttps://github.com/acme/shop/pull/412")],
            310,
        ),
        row("user", [text("It shows this:"), picture("image/png", png(120, 60))], 400),
        row("assistant", [text("Good.")], 410, 26_000),
    ]
    for number in range(40):
        at = 500 + number * 60
        rows.append(row("user", f"Step {number + 1} of the rest", at))
        rows.append(
            row(
                "assistant",
                [text("Reading."), call(f"x{number}", "Read", file_path="/a")],
                at + 5,
                27_000 + number * 1000,
            )
        )
        rows.append(row("user", [result(f"x{number}", "ok\n" * number)], at + 30))
    return rows


def hostile() -> list[bytes]:
    """A session that tries everything it can on who reads it."""
    bad = (
        "<script>window.pwned=1</script><img src=x onerror='window.pwned=2'>"
        " [a](javascript:window.pwned=3) ![i](https://evil.example/i.png)"
        " <svg onload=window.pwned=4> \u202egnp.exe \x1b]0;owned\x07 &#x202e;"
        ' "onmouseover="window.pwned=5'
    )
    svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.pwned=6'/>"
    address = {"type": "image", "source": {"type": "url", "url": "https://evil.example/p.png"}}
    return [
        row("user", bad),
        row("assistant", [{"type": "thinking", "thinking": bad}, text(bad)], 1, 9000),
        row("assistant", [call('"><script>window.pwned=7</script>', bad, command=bad)], 2, 9000),
        row(
            "user",
            [
                result(
                    '"><script>window.pwned=7</script>',
                    [text(bad), picture("image/svg+xml", svg), address],
                )
            ],
        ),
        row("assistant", [text(f"```html\n{bad}\n```\n\n| {bad} |\n|-|\n| {bad} |")], 3, 9000),
        row("user", bad, toolUseResult={"agentId": "../../x"}),
        row("summary", bad),
        b'\x00\xff{"type":"user", torn\n',
        row("user", "L" * 5_000_000),
        row("assistant", [text("After the long line.")], 5, 9000),
    ]


def long_session(megabytes: int) -> list[bytes]:
    """A session of so many megabytes, in which each line tells its number."""
    rows: list[bytes] = []
    size = 0
    filler = "The quick brown fox jumps over the lazy dog.\n" * 200
    while size < megabytes * 1_000_000:
        number = len(rows) + 1
        if number % 3 == 1:
            made = row("user", f"This is line {number}", number)
        elif number % 3 == 2:
            made = row(
                "assistant",
                [text(f"This is line {number}"), call(f"c{number}", "Read", file_path="/a")],
                number,
                1000 + number,
            )
        else:
            made = row(
                "user", [result(f"c{number - 1}", f"This is line {number}\n{filler}" * 3)], number
            )
        rows.append(made)
        size += len(made)
    return rows
