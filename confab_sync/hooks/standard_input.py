"""Reading a hook's payload from standard input within a deadline."""

from __future__ import annotations

import os

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


def _pieces(descriptor: int) -> Iterator[bytes]:
    while piece := os.read(descriptor, 65536):
        yield piece


def _is_complete(content: bytes) -> bool:
    from confab_sync import quickjson

    try:
        quickjson.loads(content.decode("utf-8", "surrogatepass"))
    except ValueError:
        return False
    return True
