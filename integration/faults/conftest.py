"""What the fault suite's tests share: a user's home with confab set up, and sessions in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from integration.home import Home
from integration.session import Session


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
