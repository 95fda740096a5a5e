"""The moment of the next look is a file's time, and no clock can put it off for ever."""

from __future__ import annotations

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
