"""Files that do not simply grow: cut, exchanged, rewritten, linked, late; and many of them."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from integration.faults.standstill import standstill
from integration.session import Session, hashes
from integration.waiting import patience, until

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="/proc shows who stands still"
)

SECRET = b'{"secret":"of somebody else"}\n'


def rows(count: int, text: str) -> bytes:
    """So many lines, told apart by `text`."""
    return b"".join(b'{"n":%d,"text":"%s"}\n' % (n, text.encode()) for n in range(count))


def finish(session: Session) -> None:
    """Let the daemon send the rest and leave, without the quiet that follows a session's end."""
    os.kill(session.daemon_pid, signal.SIGTERM)
    session.until_gone()
    session.assert_archived()


def synced(session: Session, data: bytes) -> int:
    """Begin the session with `data` as its transcript; the pid of the daemon that has it all."""
    session.start()
    session.write(data)
    session.until_archived(data.count(b"\n"))
    return session.daemon_pid


def test_a_transcript_that_is_cut_and_outgrows_its_old_size_unseen_is_archived_anew(
    session: Session,
) -> None:
    before = rows(3000, "before")
    pid = synced(session, before)
    with standstill(pid):
        kept = before.index(b"\n", len(before) // 2) + 1  # the beginning stays what it was
        os.truncate(session.transcript, kept)
        assert session.transcript.stat().st_size < int((session.state or {})["bytes"])
        session.write(rows(4000, "after"))
        assert session.transcript.stat().st_size > len(before)
    session.until_archived(before[:kept].count(b"\n") + 4000)
    finish(session)


def test_a_transcript_that_is_cut_in_view_of_the_daemon_is_archived_anew(session: Session) -> None:
    before = rows(3000, "before")
    synced(session, before)
    os.truncate(session.transcript, before.index(b"\n") + 1)
    until(lambda: (session.state or {}).get("lines") == 1, "the cut is seen")
    session.write(rows(4000, "after"))
    session.until_archived(4001)
    finish(session)


def test_a_transcript_that_is_cut_in_the_middle_of_a_line_waits_for_its_end(
    session: Session,
) -> None:
    before = rows(100, "before")
    pid = synced(session, before)
    with standstill(pid):
        os.truncate(session.transcript, len(before) - 10)
        assert session.transcript.stat().st_size < int((session.state or {})["bytes"])
    until(lambda: (session.state or {}).get("lines") == 99, "the cut is seen")
    session.write(b'other end"}\n' + rows(2, "after"))
    session.until_archived(102)
    finish(session)


def test_a_transcript_that_another_file_replaces_is_archived_anew(session: Session) -> None:
    pid = synced(session, rows(100, "before"))
    other = session.transcript.with_suffix(".new")
    other.write_bytes(rows(200, "after"))
    with standstill(pid):
        inode = session.transcript.stat().st_ino
        other.rename(session.transcript)
        assert session.transcript.stat().st_ino != inode
    session.until_archived(200)
    finish(session)


def test_a_transcript_that_is_rewritten_in_place_with_the_same_length_is_archived_anew(
    session: Session,
) -> None:
    before = rows(8000, "before")
    pid = synced(session, before)
    with standstill(pid), session.transcript.open("r+b") as file:
        status = os.fstat(file.fileno())
        file.seek(before.index(b"before", len(before) // 2))  # far from beginning and end
        file.write(b"BEFORE")
        file.flush()
        after = os.fstat(file.fileno())
        assert (after.st_ino, after.st_size) == (status.st_ino, status.st_size)
    finish(session)
    assert b"BEFORE" in session.transcript.read_bytes()


def test_a_daemon_that_was_away_while_a_transcript_was_rewritten_archives_it_anew(
    session: Session,
) -> None:
    before = rows(8000, "before")
    synced(session, before)
    session.home.confab("sync", "stop", session.id, "--wait")
    half = len(before) // 2
    session.transcript.write_bytes(before[:half] + before[half:].replace(b"before", b"BEFORE", 1))
    session.start(source="resume")
    session.until_archived(8000)
    finish(session)


LINKED = {
    "transcript": ("", "subagents/agent-ffffff.jsonl"),
    "agent": ("subagents/agent-abcdef.jsonl", ""),
    "subagents": ("subagents", ""),
    "session-directory": (".", ""),
}
"""What a link takes the place of, and the file by which the daemon shows that it has looked."""


@pytest.mark.parametrize("name", LINKED)
def test_a_symlink_that_is_swapped_in_is_not_followed(session: Session, name: str) -> None:
    swapped, other = (place(session, relative) for relative in LINKED[name])
    pid = synced(session, rows(5, "before"))
    session.write_subagent("abcdef", rows(5, "before"))
    session.until_archived(10)
    before = session.download()
    theirs = session.home.path / "theirs"
    with standstill(pid):
        swapped.rename(theirs)
        add_secrets(theirs)
        swapped.symlink_to(theirs)
        other.parent.mkdir(exist_ok=True)
        with other.open("ab") as file:
            file.write(rows(1, "after"))
        assert swapped.is_symlink()
    shown = other.name
    until(lambda: lines_of(session, shown) in {1, 6}, "the daemon has looked")
    os.kill(pid, signal.SIGTERM)
    session.until_gone()
    after = session.download()
    shown_path = str(other.relative_to(session.transcript.parent))
    assert after.pop(shown_path) == hashes(other.parent)[other.name]
    before.pop(shown_path, None)
    assert after == before


def place(session: Session, relative: str) -> Path:
    return session.directory / relative if relative else session.transcript


def add_secrets(path: Path) -> None:
    """Somebody else's lines, behind those that are archived and in files of their own."""
    if path.is_dir():
        for file in [*path.rglob("*.jsonl"), path / "agent-secret.jsonl", path / "secret.txt"]:
            add_secrets(file)
    else:
        with path.open("ab") as stream:
            stream.write(SECRET)


def lines_of(session: Session, name: str) -> int:
    files = (session.state or {}).get("files", [])
    return sum(int(file["lines"]) for file in files if file["name"] == name)


def test_a_workflow_s_tree_is_archived_under_the_names_it_has(session: Session) -> None:
    synced(session, rows(1, "main"))
    run = "subagents/workflows/wf_ab12cd34-ef5"
    tree = {
        "subagents/agent-aaaaaa.jsonl": rows(2, "agent"),
        "subagents/agent-aaaaaa.meta.json": b'{"agentType":"general-purpose"}',
        f"{run}/agent-aaaaaa.jsonl": rows(3, "an agent of the same name"),
        f"{run}/agent-aaaaaa.meta.json": b"{}",
        f"{run}/journal.jsonl": rows(4, "launched"),
        "workflows/wf_ab12cd34-ef5.json": b'{"runId":"wf_ab12cd34-ef5"}',
        "workflows/scripts/check-wf_ab12cd34-ef5.js": b"// a script\n",
        "tool-results/toolu_1.txt": b"\0\xff" * 1000,
    }
    for relative, data in tree.items():
        path = session.directory / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    session.until_archived(10)
    with (session.directory / run / "journal.jsonl").open("ab") as file:
        file.write(rows(1, "result"))
    session.until_archived(11)
    finish(session)
    assert len(session.download()) == 1 + len(tree)


def test_subagent_files_that_appear_and_grow_after_the_end_are_waited_for(session: Session) -> None:
    synced(session, rows(1, "main"))
    session.write_subagent("grows", rows(1, "before"))
    session.until_archived(2)
    session.end()
    session.until_phase("stopping")
    session.write_subagent("grows", rows(1, "after"))
    session.write_subagent("appears", rows(1, "after"))
    assert session.state is not None
    session.until_archived(4)
    session.write_subagent("grows", rows(1, "after all"))  # later than what the end itself sends
    session.until_gone()
    session.assert_archived()


@pytest.mark.timeout(900)
def test_ten_thousand_subagents_are_archived(new_session: Callable[..., Session]) -> None:
    # No timer and no rest brings the next cycle: the one before has to ask for it.
    session = new_session(CONFAB_SYNC_INTERVAL_MS="900000", CONFAB_REST_AFTER_MS="900000")
    session.start()
    session.write(rows(1, "main"))
    for number in range(10_000):
        session.write_subagent(f"{number:06x}", rows(1, "agent"))
    until(
        lambda: (session.state or {}).get("lines") == 10_001,
        "all are archived, which takes many commits on a slow disk",
        seconds=10 * patience(),
    )
    finish(session)
    assert len(session.local()) == 10_001
