import ast
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from confab_sync.cli import stand_in

SESSION = "0b1c2d3e-0000-4000-8000-000000000001"
ANSWER = '{"continue":true,"suppressOutput":true}'
RECORD = f"""cat >> "$HOME/payloads"; echo "$CLAUDE_PID" >> "$HOME/parents"; echo '{ANSWER}'"""


def home_with_hooks(home: Path, **commands: str) -> Path:
    """A home directory whose settings.json holds one hook for each event named."""
    hooks = {event: [{"hooks": [{"command": text}]}] for event, text in commands.items()}
    (home / ".claude").mkdir(parents=True)
    (home / ".claude/settings.json").write_text(json.dumps({"hooks": hooks}))
    return home


def start(home: Path, seconds: float = 0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-I", "-S", stand_in.__file__, SESSION, home, f"--seconds={seconds}"],
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def play(home: Path) -> tuple[int, str, str]:
    with start(home) as process:
        out, err = process.communicate()
    return process.returncode, out, err


def payloads(home: Path) -> list[dict[str, str]]:
    text = (home / "payloads").read_text()
    return [json.loads(line) for line in text.replace("}{", "}\n{").splitlines()]


def transcripts(home: Path) -> list[Path]:
    return sorted((home / ".claude/projects").rglob("*.jsonl"))


def test_it_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(stand_in.__file__).read_text())
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in ([node.module or "."] if isinstance(node, ast.ImportFrom) else [])
        + ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [])
    }
    assert names <= set(sys.stdlib_module_names)


def test_hooks_run_in_order_for_the_process_that_they_name(tmp_path: Path) -> None:
    events = ("SessionStart", "UserPromptSubmit", "SessionEnd")
    home = home_with_hooks(tmp_path, **dict.fromkeys(events, RECORD))
    with start(home) as process:
        out, err = process.communicate()
    assert (process.returncode, err) == (0, "")
    assert [json.loads(line)["event"] for line in out.splitlines()] == list(events)
    seen = payloads(home)
    assert [payload["hook_event_name"] for payload in seen] == list(events)
    assert {payload["transcript_path"] for payload in seen} == {
        str(path) for path in transcripts(home) if path.stem == SESSION
    }
    assert (home / "parents").read_text().split() == [str(process.pid)] * len(events)


def test_the_transcript_is_not_there_before_the_first_prompt(tmp_path: Path) -> None:
    look = f"""ls "$HOME/.claude/projects" > "$HOME/seen" 2>&1; echo '{ANSWER}'"""
    home = home_with_hooks(tmp_path, SessionStart=look)
    assert play(home)[0] == 0
    assert "No such file" in (home / "seen").read_text()
    assert transcripts(home)


def test_it_writes_whole_json_lines_a_subagent_and_side_files(tmp_path: Path) -> None:
    home = home_with_hooks(tmp_path)
    assert play(home)[0] == 0
    main, agent = sorted(transcripts(home), key=lambda path: "subagents" in path.parts)
    for path in (main, agent):
        assert path.read_bytes().endswith(b"\n")
        assert all(isinstance(json.loads(line), dict) for line in path.read_bytes().splitlines())
    assert all(json.loads(line)["isSidechain"] for line in agent.read_bytes().splitlines())
    assert json.loads(agent.with_suffix(".meta.json").read_text())["finished"] is True
    assert [path.suffix for path in main.with_suffix("").glob("tool-results/*")] == [".txt"]
    assert not list(home.rglob("*.tmp.*"))


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        ("exit 3", "ended with status 3"),
        ("true", "something other than a JSON object"),
        ("echo hello", "something other than a JSON object"),
        ("echo '[]'", "something other than a JSON object"),
        (f"echo '{ANSWER}'; echo '{ANSWER}'", "something other than a JSON object"),
    ],
)
def test_a_hook_that_claude_code_would_complain_about_fails_loudly(
    tmp_path: Path, command: str, complaint: str
) -> None:
    status, _, err = play(home_with_hooks(tmp_path, SessionStart=command))
    assert status == 1
    assert complaint in err


def test_a_hook_over_its_time_limit_fails_loudly(tmp_path: Path) -> None:
    home = home_with_hooks(tmp_path)
    settings = {
        "hooks": {"SessionEnd": [{"hooks": [{"command": "exec sleep 60", "timeout": 0.1}]}]}
    }
    (home / ".claude/settings.json").write_text(json.dumps(settings))
    status, _, err = play(home)
    assert status == 1
    assert "took longer than 0.1 s" in err


def test_a_signal_ends_the_session_with_its_hooks(tmp_path: Path) -> None:
    home = home_with_hooks(tmp_path, UserPromptSubmit=RECORD, SessionEnd=RECORD)
    with start(home, seconds=60) as process:
        assert process.stdout is not None
        process.stdout.readline()  # SessionStart is over
        process.stdout.readline()  # UserPromptSubmit is over
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 0
    assert payloads(home)[-1]["reason"] == "other"


def test_a_matcher_chooses_by_source_and_a_command_runs_once(tmp_path: Path) -> None:
    def group(matcher: str | None, command: str) -> dict[str, object]:
        chosen = {} if matcher is None else {"matcher": matcher}
        return {**chosen, "hooks": [{"type": "command", "command": command}]}

    settings = tmp_path / "settings.json"
    groups = [group("startup|resume", "a"), group("fork", "b"), group(None, "c"), group("*", "a")]
    settings.write_text(json.dumps({"hooks": {"SessionStart": groups}}))
    found = stand_in.hooks_for(str(settings), "SessionStart", "startup")
    assert [command for command, _ in found] == ["a", "c"]
    assert stand_in.hooks_for(str(settings), "SessionEnd", "") == []


def test_one_seed_tells_one_story(tmp_path: Path) -> None:
    homes = [home_with_hooks(tmp_path / name) for name in "ab"]
    for home in homes:
        assert play(home)[0] == 0
    first, second = ([path.name for path in transcripts(home)] for home in homes)
    assert first == second


def test_a_working_directory_becomes_a_project_name(tmp_path: Path) -> None:
    place = tmp_path / "a b" / "ü_.c"
    place.mkdir(parents=True)
    home = home_with_hooks(place, SessionStart=f"echo {shlex.quote(ANSWER)}")
    assert play(home)[0] == 0
    (project,) = (home / ".claude/projects").iterdir()
    assert project.name.endswith("-a-b----c")
