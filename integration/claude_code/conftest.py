"""What the scenarios share: a client, a namespace, a server, and a workbench for each."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integration.claude_code.backends import Backend, Embedded, Served
from integration.claude_code.fetch import claude_executable
from integration.claude_code.namespace import LoopbackOnly
from integration.claude_code.workbench import PatientUser, Workbench
from integration.home import Home
from integration.server import Server
from integration.waiting import until


@pytest.fixture(scope="session")
def namespace() -> Iterator[LoopbackOnly]:
    """The network namespace in which every client runs."""
    with LoopbackOnly() as entered:
        yield entered


@pytest.fixture(scope="session")
def claude(namespace: LoopbackOnly) -> Path:
    """The pinned client; asked for only where it may run."""
    return claude_executable()


@pytest.fixture(scope="session")
def served(
    namespace: LoopbackOnly, confab: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server in the clients' namespace, one for all scenarios."""
    home = Home.create(tmp_path_factory.mktemp("server") / "home", confab)
    server = Server(replace(home, inside=tuple(namespace.inside())))
    try:
        server.start()
        yield Served(server, server.key("scenarios"))
        assert server.stop() == 0
    finally:
        home.end_processes()


@pytest.fixture(params=["embedded", "http"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each kind of backend in turn."""
    if request.param == "embedded":
        return Embedded()
    served: Served = request.getfixturevalue("served")
    return served


@pytest.fixture
def bare_workbench(
    claude: Path, namespace: LoopbackOnly, home: Home, tmp_path: Path, backend: Backend
) -> Iterator[Workbench]:
    """A workbench where confab is not set up yet."""
    with Workbench.prepared(claude, namespace, home, tmp_path, backend) as prepared:
        yield prepared


@pytest.fixture
def workbench(bare_workbench: Workbench) -> Workbench:
    """A workbench after `confab setup`."""
    bare_workbench.set_up()
    return bare_workbench


@pytest.fixture(scope="session")
def patient_user(
    claude: Path, namespace: LoopbackOnly, confab: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PatientUser]:
    """A user who has opened a session and types nothing for a long time."""
    place = tmp_path_factory.mktemp("patient")
    home = Home.create(place / "home", confab)
    try:
        with Workbench.prepared(claude, namespace, home, place, Embedded()) as prepared:
            prepared.set_up()
            session = prepared.interactive()
            since = time.monotonic()
            (daemon,) = until(home.daemons, "a daemon waits for the transcript")
            yield PatientUser(prepared, session, since, daemon.pid)
    finally:
        home.end_processes()


@pytest.fixture(scope="session", autouse=True)
def _begin_the_long_wait_first(request: pytest.FixtureRequest) -> None:
    """Let the long wait pass while the other scenarios run."""
    if any("patient_user" in getattr(item, "fixturenames", ()) for item in request.session.items):
        request.getfixturevalue("patient_user")
