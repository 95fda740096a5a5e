"""A model server for one test: it answers as the words of the newest prompt ask it to.

A prompt's line may begin with one of these words; anything else is answered with plain text.

    RUN command       a call of the Bash tool
    AGENT prompt      a foreground subagent that is given the prompt
    BACKGROUND prompt the same, in the background
    WORKFLOW prompt   a workflow of two agents that are given the prompt
    LONG bytes        a text of this many bytes
    SLOW seconds      plain text after pings for this many seconds

By hand: `python fake_api.py RECORD`, which prints its port and ends with its stdin.
"""

import http.server
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

_DIRECTIVE = re.compile(r"^(RUN|AGENT|BACKGROUND|WORKFLOW|LONG|SLOW) (.+)$", re.MULTILINE)
_PIECE = 64 * 1024
_WORKFLOW = """export const meta = { name: 'by-a-test', description: 'Two agents, asked by a test' }
const prompt = %s
return await parallel([() => agent(prompt), () => agent(prompt)])
"""


def newest_prompt(messages: list[Json]) -> str:
    """Return the text of the newest user message; empty when that is a tool's result."""
    for message in reversed(messages):
        if message.get("role") != "user":
            continue
        content = message.get("content")
        if isinstance(content, str):
            return content
        blocks = content if isinstance(content, list) else []
        if any(block.get("type") == "tool_result" for block in blocks):
            return ""
        return "\n".join(block["text"] for block in blocks if block.get("type") == "text")
    return ""


def answer(request: Json, serial: int) -> tuple[Json, float]:
    """Return the content block that answers `request`, and the seconds to wait before it."""
    tools = {tool.get("name") for tool in request.get("tools") or []}
    found = _DIRECTIVE.search(newest_prompt(request.get("messages") or []))
    # Requests without tools are the client's own (a title, a summary): they get plain text.
    word, rest = (found[1], found[2].strip()) if found and tools else ("", "")
    if word == "RUN" and "Bash" in tools:
        return _tool_use(serial, "Bash", {"command": rest, "description": "asked by a test"}), 0.0
    if word in {"AGENT", "BACKGROUND"} and "Agent" in tools:
        agent = {
            "description": "asked by a test",
            "prompt": rest,
            "subagent_type": "general-purpose",
            "run_in_background": word == "BACKGROUND",
        }
        return _tool_use(serial, "Agent", agent), 0.0
    if word == "WORKFLOW" and "Workflow" in tools:
        return _tool_use(serial, "Workflow", {"script": _WORKFLOW % json.dumps(rest)}), 0.0
    text = "plain answer " * (int(rest) // 13 + 1) if word == "LONG" else f"Answer {serial}."
    return {"type": "text", "text": text}, float(rest) if word == "SLOW" else 0.0


def _tool_use(serial: int, name: str, arguments: Json) -> Json:
    return {"type": "tool_use", "id": f"toolu_{serial:08d}", "name": name, "input": arguments}


def whole_message(request: Json, block: Json, serial: int) -> Json:
    """Return the answer as one message, as a request without `stream` gets it."""
    return {
        "id": f"msg_{serial:08d}",
        "type": "message",
        "role": "assistant",
        "model": request.get("model", "fake"),
        "content": [block],
        "stop_reason": "tool_use" if block["type"] == "tool_use" else "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 10},
    }


def events(message: Json, wait: float) -> Iterator[Json]:
    """Yield the same message as the events of a stream, with a ping for each second of `wait`."""
    (block,) = message["content"]
    yield {
        "type": "message_start",
        "message": {**message, "content": [], "stop_reason": None},
    }
    end = time.monotonic() + wait
    while (left := end - time.monotonic()) > 0:
        yield {"type": "ping"}
        time.sleep(min(1.0, left))
    if block["type"] == "text":
        start, name, kind, body = {**block, "text": ""}, "text", "text_delta", block["text"]
    else:
        start, name, kind = {**block, "input": {}}, "partial_json", "input_json_delta"
        body = json.dumps(block["input"])
    yield {"type": "content_block_start", "index": 0, "content_block": start}
    for at in range(0, len(body), _PIECE):
        delta = {"type": kind, name: body[at : at + _PIECE]}
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    delta = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 10}}
    yield {"type": "message_stop"}


class FakeApi(http.server.ThreadingHTTPServer):
    """The server; every request body is appended to `record`, one JSON object in a line."""

    daemon_threads = True

    def __init__(self, record: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self._record = record
        self._lock = threading.Lock()
        self._serial = 0

    def note(self, path: str, body: Json) -> int:
        """Record one request and return its serial number."""
        with self._lock:
            self._serial += 1
            with open(self._record, "a", encoding="utf-8") as record:
                record.write(json.dumps({"path": path, "body": body}) + "\n")
            return self._serial


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeApi

    def do_GET(self) -> None:
        self._send_json(404, {"type": "error", "error": {"type": "not_found_error"}})

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        if path == "/v1/messages/count_tokens":
            self._send_json(200, {"input_tokens": 10})
            return
        if path != "/v1/messages":
            self.do_GET()
            return
        request = json.loads(raw)
        serial = self.server.note(path, request)
        block, wait = answer(request, serial)
        message = whole_message(request, block, serial)
        if request.get("stream"):
            self._send_stream(message, wait)
        else:
            time.sleep(wait)
            self._send_json(200, message)

    def _send_json(self, status: int, body: Json) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def _send_stream(self, message: Json, wait: float) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for event in events(message, wait):
                lines = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"
                self.wfile.write(lines.encode())
                self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            return  # the client was killed in the middle of an answer: that is a scenario

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the record says what was asked."""


def main(arguments: list[str]) -> None:
    """Serve until stdin ends; the first line on stdout is the port."""
    server = FakeApi(arguments[0])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1:])
