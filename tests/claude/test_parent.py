from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from confab_sync.claude.parent import claude_process, is_claude
from confab_sync.process import identify, this_platform
from tests.processes import CHECKOUT, FakeProcesses

CLI = "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"


def family(*claude: str) -> FakeProcesses:
    """A hook (30) below its shell (20) below whatever `claude` is (10)."""
    processes = FakeProcesses()
    processes.add(10, *claude)
    processes.add(20, "/bin/sh", "-c", "/home/ada/.confab/bin/confab hook # claude", parent=10)
    processes.add(30, "/usr/bin/python3", "boot.py", parent=20)
    return processes


def test_the_variable_names_the_process() -> None:
    processes = family("/usr/bin/claude")
    assert claude_process(processes, {"CLAUDE_PID": "10"}, 30) == identify(processes, 10)


@pytest.mark.parametrize(
    "named", ["", "0", "x", "-10", "+10", " 10", "1e1", "99", "9" * 30, "\u0661\u0660"]
)
def test_a_variable_that_names_no_living_process_leaves_the_search_to_the_ancestors(
    named: str,
) -> None:
    processes = family("/usr/bin/claude")
    assert claude_process(processes, {"CLAUDE_PID": named}, 30) == identify(processes, 10)


def test_a_zombie_is_nobodys_parent() -> None:
    processes = family("/usr/bin/claude")
    processes.add(50, "/usr/bin/claude", alive=False)
    assert claude_process(processes, {"CLAUDE_PID": "50"}, 30) == identify(processes, 10)


def test_the_nearest_claude_code_is_the_one() -> None:
    processes = family("/usr/bin/claude")
    processes.add(5, "/usr/bin/claude")
    processes.add(10, "/usr/bin/claude", parent=5)
    assert claude_process(processes, {}, 30) == identify(processes, 10)


def test_a_shell_that_merely_contains_the_word_is_not_claude_code() -> None:
    processes = family("/bin/bash", "-c", "cd claude && claude --help")
    assert claude_process(processes, {}, 30) is None


def test_without_any_ancestor_that_can_be_seen_nobody_is_named() -> None:
    assert claude_process(FakeProcesses(), {}, 30) is None


@pytest.mark.parametrize(
    "command",
    [
        ["/home/ada/.local/bin/claude"],
        ["/home/ada/.local/share/claude/versions/2.1.328"],
        ["/home/ada/.local/share/claude/versions/2.1.328 (deleted)"],
        ["/opt/claude (deleted)", "--resume"],
        ["/usr/bin/node", CLI],
        ["/usr/bin/node", "--max-old-space-size=4096", CLI, "-p"],
        ["/usr/bin/nodejs", "/usr/local/bin/claude"],
        ["/home/ada/.bun/bin/bun", CLI],
    ],
    ids=" ".join,
)
def test_this_is_claude_code(command: list[str]) -> None:
    processes = FakeProcesses()
    processes.add(10, *command)
    assert is_claude(processes, 10)


@pytest.mark.parametrize(
    "command",
    [
        ["/usr/bin/node", "server.js", CLI],
        ["/usr/bin/node", "-e", "require('claude')"],
        ["/usr/bin/node"],
        ["/bin/sh", "/usr/local/bin/claude"],
        ["/usr/bin/vim", "claude"],
        ["/usr/bin/claude-monitor"],
        ["/home/claude/bin/tool"],
        [""],
    ],
    ids=" ".join,
)
def test_this_is_not(command: list[str]) -> None:
    processes = FakeProcesses()
    processes.add(10, *command)
    assert not is_claude(processes, 10)


def test_a_real_shell_between_a_real_client_and_its_hook(tmp_path: Path) -> None:
    """What the client starts is a shell; the process above it is the one that is meant."""
    client = tmp_path / "client.py"
    client.write_text(
        "import os, subprocess, sys\n"
        "environ = {**os.environ, 'CLAUDE_PID': str(os.getpid())}\n"
        "print(os.getpid(), flush=True)\n"
        "subprocess.run(['/bin/sh', '-c', sys.argv[1] + '; :'], env=environ, check=True)\n"
    )
    hook = tmp_path / "hook.py"
    hook.write_text(
        f"import os, sys; sys.path.insert(0, {CHECKOUT!r})\n"
        "from confab_sync.claude.parent import claude_process\n"
        "from confab_sync.process import this_platform\n"
        "print(claude_process(this_platform(), os.environ).pid, os.getppid())\n"
    )
    done = subprocess.run(
        [sys.executable, str(client), f"'{sys.executable}' '{hook}'"],
        capture_output=True,
        text=True,
        check=True,
    )
    client_pid, found, parent = done.stdout.split()
    assert found == client_pid
    assert parent != client_pid


def test_this_test_is_not_run_by_itself() -> None:
    assert not is_claude(this_platform(), os.getpid())
