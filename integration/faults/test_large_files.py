"""Transcripts and lines that are far larger than what a daemon may hold in memory or send."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from integration.home import Home
from integration.server import Server
from integration.session import Session
from integration.waiting import patience, until

MEGABYTE = 1_000_000
SIZE = int(os.environ.get("CONFAB_TEST_LARGE_MB") or 160) * MEGABYTE
"""Bytes of the large transcript; `CONFAB_TEST_LARGE_MB=1024` is what a soak asks for."""
MEMORY = 96 * MEGABYTE
"""Bytes that a daemon may have had in memory at most: the same whatever the file's size."""


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="/proc knows the most that was used"
)
def test_memory_stays_flat_while_a_very_large_transcript_is_archived(session: Session) -> None:
    lines = write_large(session)
    session.start()
    until(
        lambda: (session.state or {}).get("lines") == lines,
        "all is archived",
        seconds=10 * patience(),
    )
    most = peak_memory(session.daemon_pid)
    print(f"{session.transcript.stat().st_size} bytes archived, {most} bytes of memory at most")
    assert most < MEMORY < session.transcript.stat().st_size
    os.kill(session.daemon_pid, signal.SIGTERM)
    session.until_gone()
    session.assert_archived()


def write_large(session: Session) -> int:
    """Fill the transcript with lines of 20 kB, each its own; returns how many they are."""
    session.transcript.parent.mkdir(parents=True)
    text = hashlib.shake_256(b"large").hexdigest(10_000)
    count = SIZE // len(text) + 1
    with session.transcript.open("wb") as file:
        for number in range(count):
            turned = text[number % 9973 :] + text[: number % 9973]
            file.write(b'{"n":%d,"text":"%s"}\n' % (number, turned.encode()))
    return count


def peak_memory(pid: int) -> int:
    """The most bytes that the process has had in memory since its image began."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def markup(size: int) -> bytes:
    """A line of about `size` bytes, nearly all of which need an escape of their own in JSON."""
    return b'{"html":"' + b'\\"' * (size // 2) + b'"}\n'


def test_markup_that_doubles_when_it_is_encoded_is_sent_or_named(
    home: Home, server: Server
) -> None:
    home.confab(
        "setup", "--no-import", "--backend-url", server.url, "--api-key-stdin",
        typed=server.key("laptop"),
    )  # fmt: skip
    session = Session(home)
    lines = [b'{"n":1}\n', markup(7 * MEGABYTE), b'{"n":2}\n', markup(7 * MEGABYTE),
             markup(14 * MEGABYTE), b'{"n":3}\n']  # fmt: skip
    assert len(json.dumps(lines[4].decode())) > 28 * MEGABYTE
    try:
        session.start()
        session.write(b"".join(lines))
        session.until_archived(6)
        (file,) = (session.state or {})["files"]
        assert "placeholders stand for 1 lines" in file["note"]
        os.kill(session.daemon_pid, signal.SIGTERM)
        session.until_gone()
        copied = downloaded(session)
        assert [line for line in copied if b"confab-placeholder" not in line] == [
            line for line in lines if line != lines[4]
        ]
        assert b"confab-placeholder" in copied[4]
    finally:
        session.kill_client()


def downloaded(session: Session) -> list[bytes]:
    target = session.home.path / "copy"
    session.home.confab("session", "download", session.id, "--output-dir", str(target))
    return (target / session.transcript.name).read_bytes().splitlines(keepends=True)
