"""The pinned Claude Code, fetched by npm into the cache."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest

from integration import requirements
from integration.installed import cache_directory, only_one_at_a_time

VERSION = "2.1.328"
"""The version whose behaviour the scenarios know."""

_MACHINES = {"x86_64": "x64", "aarch64": "arm64"}


def claude_executable() -> Path:
    """Return the native client, downloading it once (about 370 MB); skips where it cannot be."""
    place = cache_directory() / f"claude-code-{VERSION}"
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        pytest.skip(f"Claude Code has no Linux package for {platform.machine()}")
    client = place / f"node_modules/@anthropic-ai/claude-code-linux-{machine}/claude"
    with only_one_at_a_time("claude-code"):
        if not (place / "complete").exists():
            _fetch(place)
            if not os.access(client, os.X_OK):
                pytest.skip(f"npm did not bring {client.relative_to(place)}")
            (place / "complete").touch()
    return client


def _fetch(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    npm = subprocess.run(
        [
            *(requirements.tool("npm"), "install", "--no-save", "--ignore-scripts", "--no-fund"),
            *("--no-audit", "--prefix", str(place), f"@anthropic-ai/claude-code@{VERSION}"),
        ],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if npm.returncode != 0:
        pytest.skip(f"npm could not fetch Claude Code: {npm.stderr.strip()[-500:]}")
