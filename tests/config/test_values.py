"""What follows from the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from confab_sync.config import Binding, Config, load_config
from confab_sync.errors import ConfigError
from tests.config.factories import KEY, OF_THE_GO_CLI, written


def test_the_key_is_in_no_representation(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, OF_THE_GO_CLI))
    assert KEY not in repr(config)
    assert KEY not in str(config)


def test_a_bound_directory_has_its_own_target_and_others_none() -> None:
    config = Config(
        backend_url="https://a",
        api_key=KEY,
        bindings={"claude-code": {"/b": Binding("https://b", "k"), "/empty": Binding("", KEY)}},
    )
    assert config.target(None) == Binding("https://a", KEY)
    assert config.target("/b") == Binding("https://b", "k")
    for unbound in ("/c", "/empty"):
        with pytest.raises(ConfigError, match=unbound):
            config.target(unbound)
    assert Config(backend_url="https://a").target("/c") == Binding("https://a", "")
