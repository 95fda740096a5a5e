"""config.json as it is written by hand and by the Go CLI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

KEY = "cfb_" + "Ab-_" * 10


OF_THE_GO_CLI: dict[str, Any] = {
    "backend_url": "https://confab.example.com/",
    "api_key": KEY,
    "log_level": "warn",
    "auto_update": False,
    "redaction": {
        "enabled": True,
        "use_default_patterns": False,
        "patterns": [{"name": "N", "pattern": "x+", "type": "api_key", "capture_group": 1}],
    },
    "bindings": {"claude-code": {"/srv/claude": {"backend_url": "http://b:1", "api_key": KEY}}},
    "something_new": {"n": 123456789012345678901234567890},
}


def written(tmp_path: Path, content: object) -> str:
    """The path of a config.json with this content."""
    path = tmp_path / "config.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)
