"""Every directory that a transcript says its session worked in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CWD = re.compile(rb'"cwd"\s*:\s*("(?:[^"\\]|\\.)*")')


def workplaces(transcript_path: str) -> set[str]:
    """The directories in the `cwd` of the lines at `transcript_path`; none if there is no file.

    Each line names the one of its moment (behaviour sheet §1), so a session that went
    somewhere else has several. Lines need not be whole, nor JSON.
    """
    try:
        with open(transcript_path, "rb") as stream:
            return workplaces_in(stream)
    except OSError:
        return set()


def workplaces_in(lines: Iterable[bytes]) -> set[str]:
    """The directories in the `cwd` of these lines of a transcript."""
    found: set[bytes] = set()
    for line in lines:
        if b'"cwd"' in line:
            found.update(_CWD.findall(line))
    return set(filter(None, map(_text, found)))


def _text(literal: bytes) -> str:
    try:
        text = json.loads(literal)
    except ValueError:
        return ""
    return text if isinstance(text, str) else ""
