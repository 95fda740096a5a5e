"""The daemon's log."""

from __future__ import annotations

import os
from pathlib import Path

from confab_sync.daemon import log as module
from confab_sync.daemon.log import Log, leave_out, prune
from confab_sync.errors import BackendUnavailable


def log(directory: Path) -> tuple[Log, Path]:
    return Log(str(directory / "logs"), "s", lambda: "T"), directory / "logs" / "s.log"


def test_one_line_for_each_unit_of_work(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    writer.write("cycle", lines=3, seconds=0.01234, reason="two words")
    assert path.read_text() == 'T cycle lines=3 seconds=0.012 reason="two words"\n'


def test_a_value_cannot_break_its_line(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    writer.write("x", text='a\nb "c" = \udcff')
    assert path.read_text().count("\n") == 1


def test_lines_about_one_thing_can_be_taken_out_and_the_others_stay(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    for name in ("one", "two", "three"):
        writer.write("session", id=name)
    leave_out(str(path), "two")
    leave_out(str(path.with_name("none.log")), "two")
    writer.write("session", id="four")
    kept = ("one", "three", "four")
    assert path.read_text() == "".join(f"T session id={name}\n" for name in kept)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_log_that_tells_nothing_of_it_is_not_written_again(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    writer.write("session", id="one")
    before = path.stat()
    leave_out(str(path), "two")
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_it_is_private(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    writer.write("x")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_repeated_failures_are_folded_and_counted(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    for _ in range(10):
        writer.failure("cycle_failed", BackendUnavailable("down"))
    assert path.read_text().count("\n") == 1
    writer.write("cycle", lines=1)
    lines = path.read_text().splitlines()
    assert "repeated=9" in lines[1]
    assert lines[2] == "T cycle lines=1"


def test_a_failure_that_goes_on_for_long_says_so_again(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    for _ in range(module.FOLDED * 3):
        writer.failure("cycle_failed", BackendUnavailable("down"))
    assert 3 <= path.read_text().count("\n") <= 6


def test_another_failure_is_a_line_of_its_own(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    writer.failure("cycle_failed", BackendUnavailable("down"))
    writer.failure("cycle_failed", BackendUnavailable("full"))
    assert path.read_text().count("\n") == 2


def test_its_size_is_bounded(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    for number in range(30):
        writer.write("x", number=number, filler="y" * 100_000)
    total = sum(file.stat().st_size for file in path.parent.iterdir())
    assert total <= 2 * module.LARGEST + 300_000


def test_a_log_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the directory should be")
    writer, _ = log(tmp_path)
    writer.write("x")


def test_old_logs_are_pruned_and_nothing_else(tmp_path: Path) -> None:
    for name in ("old.log", "old.log.old", "new.log", "old.txt"):
        (tmp_path / name).write_text("x")
    for name in ("old.log", "old.log.old", "old.txt"):
        os.utime(tmp_path / name, (1000, 1000))
    prune(str(tmp_path), older_than=2000)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.log", "old.txt"]


def test_nothing_in_a_value_forges_a_line_or_steers_a_terminal(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    writer.write("event", said="a\r\nT forged\x1b[2J\u202e\x85b")
    text = path.read_text()
    assert text.count("\n") == 1
    assert text.rstrip("\n").isprintable()


def test_the_words_of_a_stranger_are_left_out(tmp_path: Path) -> None:
    writer, path = log(tmp_path)
    try:
        int("a line of the transcript")
    except ValueError as error:
        writer.failure("cycle_broke", error)
    assert path.read_text().startswith(f"T cycle_broke error=ValueError where={__name__}:")
    assert "transcript" not in path.read_text()
    writer.failure("inbox_unreadable", OSError(2, "No such file", "/a/name"))
    assert "/a/name" not in path.read_text()
    assert "No such file" in path.read_text()
