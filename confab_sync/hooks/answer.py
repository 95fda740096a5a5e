"""What a hook says on stdout: one JSON object, whatever happened.

Plain text would enter the model's context, and a status of 2 would block the user
(behaviour sheet §8).
"""

from __future__ import annotations

import os

from confab_sync import quickjson


def write_answer(message: str | None = None) -> None:
    """Print the answer; `message` is shown to the user by Claude Code at a session start."""
    answer: dict[str, object] = {"continue": True, "suppressOutput": True}
    if message:
        answer["systemMessage"] = message
    try:
        os.write(1, quickjson.dumps(answer).encode("ascii") + b"\n")
    except OSError:  # nobody listens: there is nobody to tell either
        pass
