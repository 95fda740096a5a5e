"""git's configuration syntax, read as git reads it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confab_sync.engine.git_config import Surroundings, read_settings

AROUND = Surroundings("/r/.git", "main", "/home/u")


def read(path: Path, text: str) -> list[tuple[str, str, str, str]]:
    path.write_text(text, encoding="utf-8", newline="")
    return read_settings(str(path), AROUND)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("url = plain", "plain"),
        ("url=  spaced out  ", "spaced out"),
        ("url = a # comment", "a"),
        ("url = a ; comment", "a"),
        ('url = "a # b ; c"', "a # b ; c"),
        ('url = "  a  "  ', "  a  "),
        (r'url = "a\"b\\c\td"', 'a"b\\c\td'),
        ("url = a\\\nb", "ab"),
        ("url", "true"),
        ("url =", ""),
        ("URL = x", "x"),
    ],
)
def test_values(tmp_path: Path, text: str, value: str) -> None:
    assert read(tmp_path / "config", f'[remote "o"]\n\t{text}\n') == [("remote", "o", "url", value)]


def test_sections(tmp_path: Path) -> None:
    text = (
        '; c\n[CORE]\nbare = false\n[remote "A \\"b\\" \\\\c"] url = x\n[branch.main]\nremote = o\n'
    )
    assert read(tmp_path / "config", text) == [
        ("core", "", "bare", "false"),
        ("remote", 'A "b" \\c', "url", "x"),
        ("branch", "main", "remote", "o"),
    ]


@pytest.mark.parametrize("content", [b"\0\xff\xfe[", b"[", b"[a", b'[a "', b"=", b"a=b\n" * 3])
def test_what_is_no_configuration_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config").write_bytes(content)
    assert read_settings(str(tmp_path / "config"), AROUND) == []


def test_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "config")
    assert read_settings(str(tmp_path / "config"), AROUND) == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    name=st.text(st.characters(exclude_categories=["C"], exclude_characters="\n"), min_size=1),
    value=st.text(st.characters(exclude_categories=["C"])),
)
def test_what_git_writes_is_read_back(tmp_path: Path, name: str, value: str) -> None:
    path = tmp_path / "written"
    path.unlink(missing_ok=True)
    done = subprocess.run(
        ["git", "config", "-f", str(path), f"remote.{name}.url", value],
        capture_output=True,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert done.returncode == 0
    assert read_settings(str(path), AROUND) == [("remote", name, "url", value)]
