"""What the fault suite shares: one server, one home, and scenarios that run side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import cast

import pytest

from integration.faults.faultlog import FaultLog
from integration.faults.rig import Rig, rig
from integration.home import Home
from integration.server import Server

AT_ONCE = 8
FAULTS = pytest.StashKey[FaultLog]()

Scenario = Callable[[Rig], None]


def pytest_configure(config: pytest.Config) -> None:
    """Keep one log of all faults of the run."""
    config.stash[FAULTS] = FaultLog()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was injected and what was observed."""
    faults = terminalreporter.config.stash[FAULTS]
    if faults.faults:
        terminalreporter.section("faults")
        for line in faults.table():
            terminalreporter.line(line)


@pytest.fixture(scope="session")
def faults(request: pytest.FixtureRequest) -> FaultLog:
    """All faults of the run."""
    return request.config.stash[FAULTS]


@pytest.fixture(scope="module")
def fault_server(confab: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running `confab serve` in a home of its own."""
    theirs = Home.create(tmp_path_factory.mktemp("server") / "home", confab)
    started = Server(theirs)
    started.start()
    yield started
    started.stop()
    theirs.end_processes()


@pytest.fixture(scope="module")
def fault_home(confab: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with confab set up in it, shared by the scenarios of a module."""
    mine = Home.create(tmp_path_factory.mktemp("user") / "home", confab)
    mine.confab("setup", "--no-import")
    yield mine
    mine.end_processes()


@pytest.fixture(scope="module")
def outcomes(
    request: pytest.FixtureRequest, fault_home: Home, fault_server: Server, faults: FaultLog
) -> Iterator[dict[Scenario, Future[None]]]:
    """The scenarios of the module that were chosen, running side by side: each mostly waits."""
    key = fault_server.key(f"scenarios {request.module.__name__}")

    def play(scenario: Scenario) -> None:
        with rig(fault_home, fault_server, key, faults) as one:
            scenario(one)

    chosen: list[Scenario] = [
        cast(Scenario, item.callspec.params["scenario"])
        for item in request.session.items
        if isinstance(item, pytest.Function)
        and item.module is request.module
        and "outcomes" in item.fixturenames
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {scenario: pool.submit(play, scenario) for scenario in chosen}


@pytest.fixture
def alone(
    request: pytest.FixtureRequest, fault_home: Home, fault_server: Server, faults: FaultLog
) -> Iterator[Rig]:
    """A rig for a test beside which nothing else runs."""
    key = fault_server.key(request.node.name)
    with rig(fault_home, fault_server, key, faults) as one:
        yield one
