"""The moment of the next look is a file's time, and no clock can put it off for ever."""

from __future__ import annotations

import fcntl
import os
import resource
import threading
import time
from typing import TYPE_CHECKING

import pytest

from confab_sync.presence import due

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("moment", "is_due"),
    [
        (NOW - 1, True),
        (NOW, True),
        (NOW + 1, False),
        (NOW + due.LONGEST, False),
        (NOW + due.LONGEST + 1, True),
        (NOW + 365 * 86400, True),
        (0.0, True),
    ],
)
def test_it_is_due_when_the_moment_has_come_or_cannot_be_right(
    tmp_path: Path, moment: float, is_due: bool
) -> None:
    path = str(tmp_path / "new" / "due")
    assert due.is_due(path, NOW)
    due.put_off(path, moment)
    assert due.is_due(path, NOW) == is_due


def test_who_is_eager_does_not_wait_for_a_backend_that_failed(tmp_path: Path) -> None:
    path = str(tmp_path / "due")
    due.put_off(path, NOW + 60, failures=3)
    assert due.failures(path) == 3
    assert not due.is_due(path, NOW)
    assert due.is_due(path, NOW, eager=True)
    due.put_off(path, NOW + 60)
    assert due.failures(path) == 0
    assert not due.is_due(path, NOW, eager=True)


def test_mark_tells_whether_somebody_has_moved_the_moment(tmp_path: Path) -> None:
    path = str(tmp_path / "due")
    marks = [due.mark(path)]
    for moment, failures in ((NOW, 0), (NOW, 1), (NOW + 1, 1)):
        due.put_off(path, moment, failures)
        marks.append(due.mark(path))
    assert len(set(marks)) == 4
    assert due.mark(path) == marks[-1]


@pytest.mark.parametrize("content", [b"x", b"-5", b"\xff"])
def test_content_that_is_no_number_counts_as_no_failure(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "due"
    path.write_bytes(content)
    assert due.failures(str(path)) == 0


def test_failure_that_cannot_be_put_on_record_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "due").mkdir()
    with pytest.raises(OSError, match="due"):
        due.put_off(str(tmp_path / "due"), NOW)


def test_moment_that_somebody_else_has_said_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = str(tmp_path / "due")
    due.put_off(path, NOW)
    seen = due.mark(path)
    assert due.put_off_since(path, seen, NOW + 60)
    assert not due.put_off_since(path, seen, NOW + 120)
    assert due.moment(path) == NOW + 60


def test_file_that_was_taken_away_meanwhile_stays_away(tmp_path: Path) -> None:
    path = tmp_path / "due"
    due.put_off(str(path), NOW)
    seen = due.mark(str(path))
    path.unlink()
    assert not due.put_off_since(str(path), seen, NOW + 60)
    assert due.is_due(str(path), NOW)


def test_the_moment_comes_at_once_and_nothing_is_put_where_nothing_was(tmp_path: Path) -> None:
    path = f"{tmp_path}/confab/due"
    due.now(path)
    assert os.listdir(tmp_path) == []
    due.put_off(path, time.time() + 3600, failures=2)
    due.now(path)
    assert due.is_due(path, time.time())
    assert due.failures(path) == 2


def test_nobody_comes_between_the_look_and_the_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The news of a leaving daemon is never what is overwritten, however late it comes."""
    path = str(tmp_path / "due")
    due.put_off(path, NOW)
    seen = due.mark(path)
    news = threading.Thread(target=due.put_off, args=(path, NOW + 1, 1))
    real = os.fstat

    def look(descriptor: int) -> os.stat_result:
        status = real(descriptor)
        if news.ident is None:
            news.start()
            news.join(0.2)  # with nobody in its way it is through long before
        return status

    monkeypatch.setattr(os, "fstat", look)
    assert due.put_off_since(path, seen, NOW + 60)
    news.join()
    assert (due.moment(path), due.failures(path)) == (NOW + 1, 1)


def test_writer_that_was_stopped_is_not_waited_for_long(tmp_path: Path) -> None:
    path = tmp_path / "due"
    with path.open("w") as stopped:
        fcntl.flock(stopped, fcntl.LOCK_EX)
        due.put_off(str(path), NOW)
    assert due.moment(str(path)) == NOW


def test_a_full_disk_still_keeps_the_moment(tmp_path: Path) -> None:
    path = str(tmp_path / "due")
    due.put_off(path, NOW + 3600)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            due.put_off(path, NOW, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert due.moment(path) == NOW
