from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from confab_sync.claude.payload import LARGEST
from confab_sync.errors import PayloadError
from confab_sync.hooks.standard_input import read_payload
from tests.processes import finish, line_of, python


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
