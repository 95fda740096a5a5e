"""The fake model API as a test sees it: a process inside the namespace, and what it was asked."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from integration.claude_code import fake_api
from integration.claude_code.namespace import LoopbackOnly

Json = dict[str, Any]


class ModelServer:
    """One running fake API and the record of every request body it was sent."""

    def __init__(self, namespace: LoopbackOnly, record: Path) -> None:
        self._record = record
        self._process = subprocess.Popen(
            namespace.inside(sys.executable, "-I", str(fake_api.__file__), str(record)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"

    def requests(self) -> list[Json]:
        """Return the body of every `POST /v1/messages` so far."""
        if not self._record.exists():
            return []
        whole_lines = self._record.read_bytes().split(b"\n")[:-1]
        return [json.loads(line)["body"] for line in whole_lines]

    def close(self) -> None:
        """End the server by ending its stdin."""
        self._process.communicate()
