import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from confab_sync.cli.demo import compare, follow, show
from confab_sync.cli.stage import Stage, stage
from confab_sync.errors import ConfabError

SESSION = {
    "0b1c.jsonl": b"one\ntwo\n",
    "0b1c/subagents/agent-a1.jsonl": b"three\n",
    "0b1c/subagents/agent-a1.meta.json": b"{}",
}


def write(directory: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@contextmanager
def stage_with(tmp_path: Path, script: str) -> Iterator[Stage]:
    """A stage with a session in it, where the command `confab` is a shell script."""
    path = tmp_path / "confab.sh"
    path.write_text(script)
    with stage({"PATH": os.environ["PATH"]}, ("/bin/sh", str(path))) as here:
        write(Path(here.home, ".claude/projects/-p"), SESSION)
        yield here


def download_of(tmp_path: Path, files: dict[str, bytes]) -> str:
    """A script that puts `files` into the directory named last on its command line."""
    write(tmp_path / "stored", files)
    return f'for last; do :; done; cp -r {shlex.quote(str(tmp_path / "stored"))} "$last"'


def test_a_copy_that_is_equal_has_no_differing_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with stage_with(tmp_path, download_of(tmp_path, SESSION)) as here:
        assert compare(here) == 0
    shown = capsys.readouterr().out
    assert shown.count(" same\n") == len(SESSION)
    assert all(f"\n{name}\n" in shown for name in SESSION)
    assert max(map(len, shown.splitlines())) <= 80


@pytest.mark.parametrize(
    "change",
    [
        {"0b1c.jsonl": b"one\n"},
        {"0b1c/subagents/agent-a1.jsonl": b"three\n\n"},
        {"0b1c.jsonl": b"two\none\n"},
    ],
)
def test_a_file_that_is_not_the_same_is_counted(tmp_path: Path, change: dict[str, bytes]) -> None:
    with stage_with(tmp_path, download_of(tmp_path, SESSION | change)) as here:
        assert compare(here) == 1


def test_files_that_were_not_archived_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = dict([next(iter(SESSION.items()))])
    with stage_with(tmp_path, download_of(tmp_path, first)) as here:
        assert compare(here) == len(SESSION) - 1
    assert "missing DIFFERS" in capsys.readouterr().out


def test_the_temporary_home_is_shown_as_a_tilde(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with stage_with(tmp_path, 'echo "stored in $HOME/.confab"') as here:
        show(here, "setup")
    assert capsys.readouterr().out == "$ confab setup\n  stored in ~/.confab\n\n"


def test_a_hook_that_does_not_behave_ends_the_demo_with_its_words(tmp_path: Path) -> None:
    settings = '{"hooks": {"SessionStart": [{"hooks": [{"command": "echo hello"}]}]}}'
    with stage_with(tmp_path, """echo '{"sessions": []}'""") as here:
        Path(here.home, ".claude/settings.json").write_text(settings)
        with here.claude_code(0) as process, pytest.raises(ConfabError, match="JSON object"):
            follow(here, process, 0)
