"""Only a configuration that is understood lets anything be sent."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from confab_sync.backends.choice import configured_backend
from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.errors import ConfigError
from confab_sync.paths import Paths
from confab_sync.store.values import SessionInfo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", [None, "{}", '{"log_level": "debug", "unknown": [1]}'])
def test_embedded_store_is_what_one_gets_without_a_backend_url(
    tmp_path: Path, content: str | None
) -> None:
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    paths = Paths({"CONFAB_HOME": str(tmp_path)})
    backend = configured_backend(paths)
    assert isinstance(backend, EmbeddedBackend)
    backend.open_session(SessionInfo("claude-code", "abc", "/p/abc.jsonl"))
    backend.close()
    assert (tmp_path / "store.db").exists()


def test_server_is_what_one_gets_with_a_backend_url(tmp_path: Path) -> None:
    config = {"backend_url": "https://confab.example.com/", "api_key": "cfb_x"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    backend = configured_backend(Paths({"CONFAB_HOME": str(tmp_path)}))
    assert backend.name == "https://confab.example.com"
    backend.close()


def test_plain_http_elsewhere_is_for_those_who_say_so(tmp_path: Path) -> None:
    config = {"backend_url": "http://confab.example.com", "allow_plain_http": True}
    (tmp_path / "config.json").write_text(json.dumps(config))
    backend = configured_backend(Paths({"CONFAB_HOME": str(tmp_path)}))
    assert backend.name == "http://confab.example.com"


def test_directory_with_a_backend_of_its_own_uses_that(tmp_path: Path) -> None:
    bound = {"/other/.claude": {"backend_url": "https://other.example.com", "api_key": "k"}}
    config = {"backend_url": "https://main.example.com", "bindings": {"claude-code": bound}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    paths = Paths({"CONFAB_HOME": str(tmp_path)})
    assert configured_backend(paths).name == "https://main.example.com"
    assert configured_backend(paths, "/other/.claude").name == "https://other.example.com"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"backend_url": 1}',
        json.dumps({"backend_url": "http://confab.example.com", "api_key": "cfb_x"}),
        json.dumps({"backend_url": "https://ann:pw@confab.example.com"}),
        "\udcff".encode("utf-8", "surrogateescape"),
    ],
)
def test_unreadable_wrong_or_unsupported_configuration_never_falls_back(
    tmp_path: Path, content: str | bytes
) -> None:
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / "config.json").write_bytes(data)
    with pytest.raises(ConfigError, match=r"config\.json"):
        configured_backend(Paths({"CONFAB_HOME": str(tmp_path)}))
    assert not (tmp_path / "store.db").exists()


def test_http_client_is_not_loaded_until_a_server_is_configured(tmp_path: Path) -> None:
    program = (
        "import sys; from confab_sync.paths import Paths;"
        "import confab_sync.daemon.work;"
        "from confab_sync.backends.choice import configured_backend;"
        f"configured_backend(Paths({{'CONFAB_HOME': {str(tmp_path)!r}}}));"
        "slow = {'httpx', 'httpcore', 'tenacity', 'truststore', 'certifi', 'ssl', 'zstandard'};"
        "print(sorted(slow & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert set(ast.literal_eval(done.stdout)) <= {"zstandard"}, "the store packs with that"
