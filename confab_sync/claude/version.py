"""Which version of Claude Code wrote a transcript, and whether we know how that one behaves."""

from __future__ import annotations

import json
import os
import re

OBSERVED = "2.1.328"
"""The version that the behaviour sheet describes; its neighbours differ in nothing we know."""

TAIL = 64 * 1024
"""Bytes at the end of a transcript in which its last version is looked for."""

_VERSION = re.compile(r"(\d{1,6})\.(\d{1,6})\.(\d{1,6})")


def transcript_version(path: str) -> str:
    """The version in the last line that names one; empty when none does or nothing can be read."""
    try:
        with open(path, "rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - TAIL))
            lines = stream.read(TAIL).split(b"\n")
    except OSError:
        return ""
    for line in reversed(lines):
        if b'"version"' not in line:
            continue
        try:
            found = json.loads(line).get("version")
        except (ValueError, RecursionError, AttributeError):
            continue
        if isinstance(found, str) and _VERSION.fullmatch(found):
            return found
    return ""


def is_known(version: str) -> bool:
    """Whether a version is a neighbour of the observed one: the same but for the last number."""
    found, observed = _VERSION.match(version), _VERSION.match(OBSERVED)
    return bool(found and observed and found.groups()[:2] == observed.groups()[:2])
