"""What the bench's own server makes of a chunk, without decoding its lines."""

from __future__ import annotations

import json

from bench.server import Counting, understood

ROWS = ['{"a":"}\\",\\"{"}', '{"b":["x","y"]}', '{"c":{}}']


def test_lines_are_counted_and_everything_else_is_understood() -> None:
    for head in ({"first_line": 1}, {"metadata": {"remotes": [{"name": "a"}], "words": ["x"]}}):
        for body in ({**head, "lines": ROWS}, {"lines": ROWS, **head}):
            raw = json.dumps(body, separators=(",", ":")).encode()
            found, lines = understood(raw)
            assert (found | {"lines": []}, lines) == (head | {"lines": []}, 3)


def test_a_chunk_has_to_follow_on_what_there_is() -> None:
    with Counting() as server:
        session = server.open("e")["session_id"]
        head = {"session_id": session, "file_name": "e.jsonl", "first_line": 1}
        assert server.append(head, 3) == (200, {"last_synced_line": 3})
        status, answer = server.append(head, 3)
        assert status == 400
        assert answer["error"].startswith("first_line must be 4 (got 1)")
        assert server.open("e")["files"] == {"e.jsonl": {"last_synced_line": 3}}
        assert [last for last, _ in server.counts()["acknowledged"]["e/e.jsonl"]] == [3]
