from __future__ import annotations

import os
from pathlib import Path

import pytest

from confab_sync import quickjson
from confab_sync.presence import departure, inbox, lock
from tests.presence.factories import end, files_in, session_at, start, state_of, take
from tests.processes import finish, line_of, python

WRITER = """
import select, sys
from confab_sync import quickjson
from confab_sync.presence import inbox, lock
from confab_sync.paths import SessionPaths
paths = SessionPaths(sys.argv[1], "claude-code", "s")
print("ready", flush=True)
said = []
while not select.select([sys.stdin], [], [], 0.001)[0]:  # a breath, so that anybody can leave
    number = len(said)
    inbox.append(paths.inbox, {"who": sys.argv[2], "number": number})
    said.append(lock.is_held(paths.lock))
print(quickjson.dumps(said))
"""

LEAVER = """
import sys
from confab_sync import quickjson
from confab_sync.presence import departure, inbox, lock
from confab_sync.paths import SessionPaths
paths = SessionPaths(sys.argv[1], "claude-code", "s")
heard = []
for life in range(int(sys.argv[2])):
    taken = lock.take(paths.lock)
    assert taken is not None
    records, seen = inbox.read(paths.inbox)
    while not departure.leave(paths, taken, seen):
        records, seen = inbox.read(paths.inbox)
    heard += [[record["who"], record["number"]] for record in records]
print(quickjson.dumps(heard))
"""


def test_a_daemon_that_has_heard_everything_leaves_nothing_behind(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    taken = take(paths)
    state_of(paths)
    inbox.append(paths.inbox, start())
    assert departure.leave(paths, taken, inbox.size(paths.inbox))
    assert files_in(tmp_path) == []
    assert not lock.is_held(paths.lock)


def test_a_session_without_an_inbox_can_be_left_too(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    assert departure.leave(paths, take(paths), 0)
    assert files_in(tmp_path) == []


def test_who_has_something_left_to_hear_stays_and_nothing_changes(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    taken = take(paths)
    state_of(paths)
    inbox.append(paths.inbox, start())
    seen = inbox.size(paths.inbox)
    inbox.append(paths.inbox, end())
    before = files_in(tmp_path)
    assert not departure.leave(paths, taken, seen)
    assert files_in(tmp_path) == before
    assert lock.is_held(paths.lock)
    assert inbox.read(paths.inbox)[0] == [start(), end()]
    assert departure.leave(paths, taken, inbox.size(paths.inbox))


def test_a_markers_reason_outlives_its_daemon(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    Path(paths.off).write_text("{}")
    assert departure.leave(paths, take(paths), 0)
    assert files_in(tmp_path) == ["s.off"]


def test_an_inbox_that_cannot_be_opened_is_an_os_error_and_the_lock_stays(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    taken = take(paths)
    os.mkdir(paths.inbox)
    with pytest.raises(OSError):  # noqa: PT011
        departure.leave(paths, taken, 0)
    assert lock.is_held(paths.lock)
    os.close(taken)


def test_no_record_falls_between_two_owners(tmp_path: Path) -> None:
    """Each is either heard by a daemon, or its writer sees a session without one."""
    paths = session_at(tmp_path)
    writers = {name: python(WRITER, str(tmp_path), name) for name in ("a", "b", "c")}
    assert {line_of(writer) for writer in writers.values()} == {"ready"}
    heard = quickjson.loads(finish(python(LEAVER, str(tmp_path), "3000")))
    was_held = {name: quickjson.loads(finish(it, "\n")) for name, it in writers.items()}
    left = [[record["who"], record["number"]] for record in inbox.read(paths.inbox)[0]]
    said = [[name, number] for name, helds in was_held.items() for number in range(len(helds))]
    assert len(said) > 100
    assert sorted(heard + left) == said
    unnoticed = [entry for entry in left if was_held[entry[0]][entry[1]]]
    assert unnoticed == []


def test_on_the_way_out_of_an_error_whatever_can_be_removed_is(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    taken = take(paths)
    os.mkdir(paths.state)
    inbox.append(paths.inbox, start())
    departure.abandon(paths, taken)
    assert files_in(tmp_path) == ["s.json"]
    os.close(taken)


def test_the_files_of_a_successor_are_not_touched(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    taken = take(paths)
    inbox.append(paths.inbox, start())
    old = os.dup(taken)
    assert departure.leave(paths, taken, inbox.size(paths.inbox))
    inbox.append(paths.inbox, start())
    successor = take(paths)
    before = files_in(tmp_path)
    departure.abandon(paths, old)
    assert files_in(tmp_path) == before
    os.close(old)
    departure.abandon(paths, old)  # a descriptor that is nobody's any more
    assert files_in(tmp_path) == before
    os.close(successor)
