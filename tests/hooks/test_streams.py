from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from confab_sync.claude.payload import LARGEST
from confab_sync.errors import PayloadError
from confab_sync.hooks.streams import read_payload
from tests.processes import CHECKOUT, finish, line_of, python

WRITING = "import sys; sys.path.insert(0, sys.argv[1]); from confab_sync.hooks import streams\n"


@contextmanager
def pipe(*sent: bytes, closed: bool = True) -> Iterator[int]:
    """A pipe that holds `sent`; its writing end is closed, or kept open until the end."""
    reader, writer = os.pipe()
    for piece in sent:
        os.write(writer, piece)
    if closed:
        os.close(writer)
    yield reader
    os.close(reader)
    if not closed:
        os.close(writer)


@pytest.mark.parametrize("sent", [b"", b"garbage", b'{"a":1}', b"{} trailing", b"\xff\0"])
def test_what_ends_is_read_to_its_end(sent: bytes) -> None:
    with pipe(sent) as reader:
        assert read_payload(reader) == sent


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b" \n\t"])
def test_a_caller_that_keeps_its_end_open_is_not_waited_for(end: bytes) -> None:
    with pipe(b'{"a":{"b":"}"}}' + end, closed=False) as reader:
        assert read_payload(reader) == b'{"a":{"b":"}"}}' + end


def test_a_brace_that_ends_only_a_part_is_not_the_end() -> None:
    reader, writer = os.pipe()
    sender = python(
        "import sys, os\n"
        "fd = int(sys.argv[1])\n"
        'os.write(fd, b\'{"a":{"b":1}\')\n'
        "print('half', flush=True); sys.stdin.readline()\n"
        "os.write(fd, b',\"c\":2}')\n",
        str(writer),
        pass_fds=[writer],
    )
    os.close(writer)
    assert line_of(sender) == "half"
    assert sender.stdin is not None
    sender.stdin.write("\n")
    sender.stdin.flush()
    assert read_payload(reader) == b'{"a":{"b":1},"c":2}'
    os.close(reader)
    finish(sender)


def test_a_socket_that_would_not_block_is_waited_for() -> None:
    """Claude Code's pipes are socket pairs; who made them may have set them so."""
    mine, theirs = socket.socketpair()
    mine.setblocking(False)
    sender = python(
        "import socket, sys\n"
        "there = socket.socket(fileno=int(sys.argv[1]))\n"
        "there.recv(1); there.sendall(b'{}'); there.close()\n",
        str(theirs.fileno()),
        pass_fds=[theirs.fileno()],
    )
    mine.send(b"x")
    theirs.close()
    assert read_payload(mine.fileno()) == b"{}"
    mine.close()
    finish(sender)


@pytest.mark.parametrize("size", [LARGEST, LARGEST + 1, 2 * LARGEST])
def test_at_most_a_mebibyte_is_read(size: int) -> None:
    reader, writer = os.pipe()
    code = (
        "import sys, os\n"
        "left = b' ' * int(sys.argv[2])\n"
        "try:\n"
        "    while left:\n"
        "        left = left[os.write(int(sys.argv[1]), left):]\n"
        "except BrokenPipeError: pass\n"
    )
    sender = python(code, str(writer), str(size), pass_fds=[writer])
    os.close(writer)
    if size > LARGEST:
        with pytest.raises(PayloadError, match="1 MiB"):
            read_payload(reader)
    else:
        assert len(read_payload(reader)) == size
    os.close(reader)
    finish(sender)


def test_a_descriptor_that_is_not_open_is_an_os_error() -> None:
    with pipe() as reader:
        pass
    with pytest.raises(OSError, match="Bad file descriptor"):
        read_payload(reader)


def said(code: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-I", "-c", WRITING + code, CHECKOUT]
    return subprocess.run(command, capture_output=True, check=False)


@pytest.mark.parametrize("argument", ["", "None", "''"])
def test_a_hook_with_nothing_to_say_says_exactly_this(argument: str) -> None:
    done = said(f"streams.write_answer({argument})")
    assert done.stdout == b'{"continue":true,"suppressOutput":true}\n'


def test_what_the_user_must_know_is_in_the_one_object() -> None:
    text = 'two\nlines, "quoted", é, \\ud800'
    done = said(f"streams.write_answer({text!r})")
    assert done.stdout.count(b"\n") == 1
    assert json.loads(done.stdout) == {
        "continue": True,
        "suppressOutput": True,
        "systemMessage": text,
    }


def test_when_nobody_listens_nothing_breaks() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-I", "-c", WRITING + "streams.write_answer()", CHECKOUT]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_without_a_standard_output_nothing_breaks() -> None:
    done = said("import os; os.close(1); streams.write_answer()")
    assert (done.returncode, done.stderr) == (0, b"")
