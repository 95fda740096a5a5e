"""A hook's standard streams: reading its payload, writing its answer."""

from __future__ import annotations

import os

from confab_sync import quickjson
from confab_sync.claude.payload import LARGEST
from confab_sync.early_errors import PayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def read_payload(descriptor: int = 0) -> bytes:
    """Everything on `descriptor` up to its end, or to the end of one JSON object.

    A caller that keeps its end open is not waited for once a whole object has come.
    Raises `PayloadError` beyond 1 MiB, `OSError`, and whatever the lane's alarm raises.
    """
    os.set_blocking(descriptor, True)
    content = b""
    for piece in _pieces(descriptor):
        content += piece
        if len(content) > LARGEST:
            raise PayloadError("the payload is larger than 1 MiB")
        if content.rstrip().endswith(b"}") and _is_complete(content):
            break
    return content


def write_answer(message: str | None = None) -> None:
    """Print one JSON object; `message` is shown to the user by Claude Code at a session start.

    Plain text would enter the model's context (behaviour sheet §8).
    """
    answer: dict[str, object] = {"continue": True, "suppressOutput": True}
    if message:
        answer["systemMessage"] = message
    try:
        os.write(1, quickjson.dumps(answer).encode("ascii") + b"\n")
    except OSError:  # nobody listens: there is nobody to tell either
        pass


def _pieces(descriptor: int) -> Iterator[bytes]:
    while piece := os.read(descriptor, 65536):
        yield piece


def _is_complete(content: bytes) -> bool:
    try:
        quickjson.loads(content.decode("utf-8", "surrogatepass"))
    except ValueError:
        return False
    return True
