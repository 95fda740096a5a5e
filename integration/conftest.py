"""What the tests with real processes share: the installed executable and fresh homes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.home import Home
from integration.installed import installed_confab

_PREPARED = ("confab", "claude")
_PREPARATION_SECONDS = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the tests during which something is prepared for all of them the time for that."""
    for fixture in _PREPARED:
        for item in items:
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.timeout(_PREPARATION_SECONDS), append=False)
                break


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
