"""The pinned Claude Code, fetched by npm into the cache."""

import os
import platform
from pathlib import Path

import pytest

from integration import npm

VERSION = "2.1.328"
"""The version whose behaviour the scenarios know."""

_MACHINES = {"x86_64": "x64", "aarch64": "arm64"}


def claude_executable() -> Path:
    """Return the native client, downloading it once (about 370 MB); skips where it cannot be."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        pytest.skip(f"Claude Code has no Linux package for {platform.machine()}")
    wanted = f"node_modules/@anthropic-ai/claude-code-linux-{machine}/claude"
    client = npm.fetched("@anthropic-ai/claude-code", VERSION, wanted) / wanted
    if not os.access(client, os.X_OK):
        pytest.skip(f"npm did not bring {wanted} as a program")
    return client
