from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.processes import CHECKOUT

CODE = "import sys; sys.path.insert(0, sys.argv[1]); from confab_sync.hooks import answer\n"


def said(code: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-c", CODE + code, CHECKOUT]
    return subprocess.run(command, capture_output=True, check=False)


@pytest.mark.parametrize("argument", ["", "None", "''"])
def test_a_hook_with_nothing_to_say_says_exactly_this(argument: str) -> None:
    done = said(f"answer.write_answer({argument})")
    assert done.stdout == b'{"continue":true,"suppressOutput":true}\n'


def test_what_the_user_must_know_is_in_the_one_object() -> None:
    text = 'two\nlines, "quoted", é, \\ud800'
    done = said(f"answer.write_answer({text!r})")
    assert done.stdout.count(b"\n") == 1
    assert json.loads(done.stdout) == {
        "continue": True,
        "suppressOutput": True,
        "systemMessage": text,
    }


def test_when_nobody_listens_nothing_breaks() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-I", "-c", CODE + "answer.write_answer()", CHECKOUT]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_standard_output_nothing_breaks() -> None:
    done = said("import os; os.close(1); answer.write_answer()")
    assert (done.returncode, done.stderr) == (0, b"")
