"""Only a configuration that is understood lets anything be sent."""

from __future__ import annotations

import json
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


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"backend_url": 1}',
        json.dumps({"backend_url": "https://confab.example.com", "api_key": "cfb_x"}),
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
