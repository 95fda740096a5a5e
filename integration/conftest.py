"""What the tests with real processes share: the installed executable and fresh homes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.home import Home
from integration.installed import installed_confab
from integration.server import Server
from integration.session import Session

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


@pytest.fixture
def server(confab: Path, tmp_path: Path) -> Iterator[Server]:
    """A running `confab serve` in a home of its own."""
    theirs = Home.create(tmp_path / "server", confab)
    started = Server(theirs)
    started.start()
    yield started
    started.stop()
    theirs.end_processes()


@pytest.fixture
def ready(home: Home) -> Home:
    """A home in which `confab setup` has run."""
    home.confab("setup", "--no-import")
    return home


@pytest.fixture
def new_session(ready: Home) -> Iterator[Callable[..., Session]]:
    """Makes sessions in that home; arguments are environment variables of their hooks."""
    sessions: list[Session] = []

    def new(**environ: str) -> Session:
        session = Session(ready, environ)
        sessions.append(session)
        return session

    yield new
    for session in sessions:
        session.kill_client()


@pytest.fixture
def session(new_session: Callable[..., Session]) -> Session:
    """One session in that home."""
    return new_session()
