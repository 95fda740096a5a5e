"""What the scenarios share: one client, one namespace, and a workbench for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.claude_code.client import Installation, write_user_files
from integration.claude_code.fetch import claude_executable
from integration.claude_code.model import ModelServer
from integration.claude_code.namespace import LoopbackOnly
from integration.claude_code.recorder import Recorder
from integration.claude_code.terminal import TerminalServer
from integration.claude_code.workbench import Workbench
from integration.home import Home


@pytest.fixture(scope="session")
def namespace() -> Iterator[LoopbackOnly]:
    """The network namespace in which every client runs."""
    with LoopbackOnly() as entered:
        yield entered


@pytest.fixture(scope="session")
def claude(namespace: LoopbackOnly) -> Path:
    """The pinned client; asked for only where it may run."""
    return claude_executable()


@pytest.fixture
def other_project(home: Home) -> Path:
    """A second directory that the user works in and trusts."""
    directory = home.project.parent / "other"
    directory.mkdir()
    return directory


@pytest.fixture
def installation(
    claude: Path, namespace: LoopbackOnly, home: Home, other_project: Path, tmp_path: Path
) -> Iterator[Installation]:
    """A user's Claude Code before confab is set up."""
    recorder = Recorder(tmp_path / "recorder")
    write_user_files(home, recorder.hooks, home.project, other_project)
    model = ModelServer(namespace, tmp_path / "requests.jsonl")
    yield Installation(claude, home, namespace, model, recorder)
    model.close()


@pytest.fixture
def terminals(namespace: LoopbackOnly, tmp_path: Path) -> Iterator[TerminalServer]:
    """A terminal server of the test's own."""
    server = TerminalServer(namespace, tmp_path / "tmux")
    yield server
    server.close()


@pytest.fixture
def bare_workbench(installation: Installation, terminals: TerminalServer) -> Workbench:
    """A workbench where confab is not set up yet."""
    return Workbench(installation, terminals)


@pytest.fixture
def workbench(bare_workbench: Workbench) -> Workbench:
    """A workbench after `confab setup`."""
    bare_workbench.home.confab("setup", "--no-import")
    return bare_workbench
