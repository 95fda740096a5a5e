"""What the tests with real processes share: the installed executable and fresh homes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.home import Home
from integration.installed import installed_confab


@pytest.fixture(scope="session")
def confab() -> Path:
    """The `confab` executable of the built wheel, in a clean virtual environment."""
    return installed_confab()


@pytest.fixture
def home(confab: Path, tmp_path: Path) -> Iterator[Home]:
    """A fresh HOME; whatever still runs with it is ended afterwards, by pid."""
    fresh = Home.create(tmp_path / "home", confab)
    yield fresh
    fresh.end_processes()
