"""A home for every test of a hook."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hooks.home import Home, home_in


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A temporary home whose daemons are gone when the test is over."""
    directory = tmp_path / "home"
    directory.mkdir()
    with home_in(directory) as home:
        yield home
