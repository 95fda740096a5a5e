from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confab_sync.presence import state as states
from confab_sync.process import Identity
from tests.presence.factories import TRANSCRIPT, files_in, session_at
from tests.processes import finish, line_of, python

ON_A_FULL_DISK = """
import resource, sys
from confab_sync.presence import state
room = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
try:
    state.write(sys.argv[1], {"new": "x" * 100})
except OSError:
    print("refused")
"""

READER = """
import sys
from confab_sync.presence import state
print("ready", flush=True)
looks = whole = 0
while looks < 3000:
    seen = state.read(sys.argv[1])
    whole += seen is not None and len(seen["text"]) == seen["length"]
    looks += 1
print(looks == whole)
"""

WRITER = """
import sys
from confab_sync.presence import state
print("ready", flush=True)
sys.stdin.readline()
for number in range(200):
    state.write(sys.argv[1], {"reason": sys.argv[2], "number": number})
"""


def test_the_first_fields_are_those_of_the_go_cli(tmp_path: Path) -> None:
    paths = session_at(tmp_path)
    parent = Identity(7, "1", "boot", "ns")
    state = states.initial(paths, transcript_path=TRANSCRIPT, cwd="/h", parent=parent, run_id="r")
    assert list(state)[:8] == [
        *("provider", "external_id", "transcript_path", "cwd"),
        *("pid", "parent_pid", "inbox_path", "started_at"),
    ]
    assert state["provider"] == "claude-code"
    assert state["inbox_path"] == paths.inbox
    assert state["parent_pid"] == 7


def test_what_is_written_reads_back_and_is_private(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.json"
    states.write(path, {"a": [1, None, "é"]})
    assert states.read(path) == {"a": [1, None, "é"]}
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert files_in(tmp_path) == ["s.json"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"\0" * 100, b"[" * 99999]
)
def test_what_is_no_state_is_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "s.json"
    path.write_bytes(content)
    assert states.read(str(path)) is None


@pytest.mark.parametrize("kind", ["missing", "directory", "symlink", "below a file"])
def test_what_is_no_file_is_none(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s.json"
    if kind == "directory":
        path.mkdir()
    elif kind == "symlink":
        (tmp_path / "real").write_text('{"a":1}')
        path.symlink_to(tmp_path / "real")
    elif kind == "below a file":
        path.write_text("{}")
        path = path / "s.json"
    assert states.read(str(path)) is None


@pytest.mark.parametrize("room", [0, 20])
def test_a_full_disk_is_an_os_error_and_the_old_state_stays(tmp_path: Path, room: int) -> None:
    path = f"{tmp_path}/s.json"
    states.write(path, {"old": 1})
    assert finish(python(ON_A_FULL_DISK, path, str(room))) == "refused\n"
    assert states.read(path) == {"old": 1}
    assert files_in(tmp_path) == ["s.json"]


def test_what_cannot_be_written_as_json_leaves_everything_as_it_is(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.json"
    states.write(path, {"old": 1})
    with pytest.raises(TypeError):
        states.write(path, {"seconds": 1.5})
    assert states.read(path) == {"old": 1}
    assert files_in(tmp_path) == ["s.json"]


def test_readers_see_a_whole_state_at_every_moment(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.json"
    states.write(path, {"text": "", "length": 0})
    reader = python(READER, path)
    assert line_of(reader) == "ready"
    number = 0
    while reader.poll() is None:
        number = (number + 997) % 50_000
        states.write(path, {"text": "x" * number, "length": number})
    assert finish(reader) == "True\n"


def test_several_writers_at_once_do_not_fail_each_other(tmp_path: Path) -> None:
    """Markers and notices are written by whoever has something to say."""
    path = f"{tmp_path}/s.off"
    writers = [python(WRITER, path, name) for name in "abc"]
    assert {line_of(writer) for writer in writers} == {"ready"}
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    for writer in writers:
        finish(writer)
    seen = states.read(path)
    assert seen is not None
    assert seen["number"] == 199
    assert files_in(tmp_path) == ["s.off"]


def test_only_states_with_a_run_id_are_ours() -> None:
    assert states.is_ours({"run_id": "r"})
    assert not states.is_ours({"pid": 7})
    assert not states.is_ours({"run_id": 7})


@given(st.datetimes(datetime.datetime(1970, 1, 2), datetime.datetime(2100, 1, 1)))
def test_a_timestamp_is_rfc_3339_in_utc(moment: datetime.datetime) -> None:
    moment = moment.replace(tzinfo=datetime.UTC)
    read_back = datetime.datetime.fromisoformat(states.timestamp(moment.timestamp()))
    assert read_back.tzinfo == datetime.UTC
    assert abs(read_back - moment) < datetime.timedelta(microseconds=2)
