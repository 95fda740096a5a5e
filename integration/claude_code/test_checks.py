"""The scenarios' own checks: each of them fails when what it guards against is there."""

import json
import re
import socket
import subprocess
from pathlib import Path

import pytest

from integration.claude_code.backends import Backend, Embedded
from integration.claude_code.client import write_user_files
from integration.claude_code.namespace import LoopbackOnly, guarded
from integration.claude_code.workbench import Workbench, assert_same_files
from integration.home import Home
from integration.waiting import NeverHappened, until


@pytest.fixture
def backend() -> Backend:
    """One is enough: these checks are about the client."""
    return Embedded()


def _with_hook(workbench: Workbench, event: str, command: str) -> Workbench:
    """Add one more hook to those of the recorder."""
    hooks = dict(workbench.client.recorder.hooks)
    hooks[event] = [*hooks[event], {"hooks": [{"type": "command", "command": command}]}]
    write_user_files(workbench.home, hooks, workbench.home.project)
    return workbench


@pytest.mark.parametrize("event", ["SessionStart", "UserPromptSubmit"])
def test_a_hook_that_fails_is_noticed(event: str, bare_workbench: Workbench) -> None:
    _with_hook(bare_workbench, event, "echo oops >&2; exit 1").headless("hello")
    with pytest.raises(AssertionError, match="hook_non_blocking_error"):
        bare_workbench.assert_no_hook_failed()


def test_a_hook_that_fails_at_the_end_of_a_headless_run_is_noticed(
    bare_workbench: Workbench,
) -> None:
    _with_hook(bare_workbench, "SessionEnd", "echo oops >&2; exit 1").headless("hello")
    with pytest.raises(AssertionError, match="oops"):
        bare_workbench.assert_no_hook_failed()


def test_a_hook_that_is_too_slow_at_the_end_is_noticed_on_the_screen(
    bare_workbench: Workbench,
) -> None:
    session = _with_hook(bare_workbench, "SessionEnd", "sleep 9").interactive()
    session.exit()
    with pytest.raises(AssertionError, match="Hook cancelled"):
        bare_workbench.assert_no_hook_failed()


def test_text_of_ours_in_the_context_is_noticed(bare_workbench: Workbench) -> None:
    _with_hook(bare_workbench, "SessionStart", "echo this is confab speaking").headless("hello")
    with pytest.raises(AssertionError, match="in the model's context"):
        bare_workbench.assert_model_saw_nothing_of_ours()


@pytest.mark.parametrize(
    "archived", [{}, {"a": b"x\ny"}, {"a": b"x\nz\n"}, {"a": b"x\ny\n", "b": b""}]
)
def test_a_copy_that_differs_is_noticed(archived: dict[str, bytes]) -> None:
    with pytest.raises(AssertionError):
        assert_same_files(archived, {"a": b"x\ny\n"})


def test_a_process_that_stays_is_noticed_and_can_be_ended(home: Home) -> None:
    sleeper = subprocess.Popen(["sleep", "600"], env=home.environ)
    until(lambda: [process.pid for process in home.processes()] == [sleeper.pid], "it is found")
    with pytest.raises(NeverHappened):
        home.until_no_process_is_left(seconds=0.1)
    home.end_processes()
    assert sleeper.wait() == -9


def test_nothing_but_loopback_is_in_the_namespace(namespace: LoopbackOnly) -> None:
    shown = subprocess.run(
        namespace.inside("cat", "/proc/self/net/dev"), capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"^ *(\w+):", shown, re.MULTILINE) == ["lo"]


def test_the_client_is_refused_where_there_is_another_interface(tmp_path: Path) -> None:
    only_loopback = [name for _, name in socket.if_nameindex()] == ["lo"]
    reached = tmp_path / "reached"
    done = subprocess.run(guarded("touch", str(reached)), stderr=subprocess.DEVNULL, check=False)
    assert done.returncode == (0 if only_loopback else 97)
    assert reached.exists() == only_loopback


def test_what_the_model_was_asked_is_recorded(bare_workbench: Workbench) -> None:
    bare_workbench.headless("RUN echo hello")
    asked = bare_workbench.client.model.requests()
    assert any("RUN echo hello" in json.dumps(request["messages"]) for request in asked)
