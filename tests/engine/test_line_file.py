"""How one growing file is brought up to date, and what that costs."""

from __future__ import annotations

import os
import threading
from contextlib import closing

import pytest

from confab_sync.engine import tail
from confab_sync.engine.known import REWRITTEN
from confab_sync.engine.position import HEAD, TAIL
from confab_sync.errors import BackendUnavailable, PositionMoved
from integration.waiting import until
from tests.engine.factories import MAIN, SESSION, Bench

LINE = b"x" * 99 + b"\n"
BATCHES = 4


def backlog(letter: bytes) -> bytes:
    """Lines that make `BATCHES` batches of the same length."""
    line = letter * 1023 + b"\n"
    return line * (BATCHES * tail.BATCH // len(line))


def running() -> list[str]:
    return [thread.name for thread in threading.enumerate()]


def test_new_lines_are_sent_once(bench: Bench) -> None:
    bench.write(b"one\ntwo\nthr")
    report = bench.cycle()
    assert (report.work.lines_sent, report.work.bytes_sent, report.work.commits) == (2, 8, 1)
    assert bench.stored() == b"one\ntwo\n"
    bench.append(b"ee\n")
    report = bench.cycle()
    assert (report.work.lines_sent, report.work.bytes_sent, report.work.commits) == (1, 6, 1)
    assert bench.stored() == b"one\ntwo\nthree\n"


def test_one_new_line_in_a_big_file_reads_little_and_commits_once(bench: Bench) -> None:
    bench.write(LINE * 50_000)
    bench.cycle()
    bench.append(LINE)
    work = bench.cycle().work
    # The evidence before the line, the line, and a look whether there is more.
    assert work.bytes_read == 2 * (TAIL + HEAD) + len(LINE)
    assert (work.files_opened, work.commits, work.bytes_sent) == (1, 1, len(LINE))


def test_each_batch_of_a_backlog_is_read_once_and_stored_in_order(bench: Bench) -> None:
    data = backlog(b"a")
    bench.write(data)
    work = bench.cycle().work
    assert (work.commits, work.bytes_sent) == (BATCHES, len(data))
    assert work.bytes_read < len(data) + (BATCHES + 1) * (HEAD + TAIL)
    assert bench.stored() == data


def test_batch_that_was_ready_is_dropped_when_the_one_before_it_failed(bench: Bench) -> None:
    data = backlog(b"a")
    bench.write(data)
    bench.fault.after.append(BackendUnavailable("the answer was lost"))
    assert bench.cycle().error is not None
    assert bench.cycles().work.bytes_sent == len(data) * (BATCHES - 1) // BATCHES
    assert bench.stored() == data
    assert bench.generations() == 1


def test_rewrite_behind_a_batch_that_was_ready_begins_a_new_generation(bench: Bench) -> None:
    old, new = backlog(b"a"), backlog(b"b")
    bench.write(old)

    def rewrite() -> None:
        until(lambda: "ahead" not in running(), "the second batch is ready")
        bench.write(new)

    bench.fault.during.append(rewrite)
    bench.cycles()
    assert bench.stored() == new
    assert bench.generations() == 2
    assert bench.stored(generation=1) == old[: 2 * len(old) // BATCHES]


def test_ten_megabytes_without_a_newline_are_not_sent(bench: Bench) -> None:
    bench.write(b"y" * 10_000_000)
    report = bench.cycle()
    assert (report.work.commits, report.behind, report.complete) == (0, 10_000_000, True)
    assert report.files[0].note == "ends in an unfinished line"
    bench.append(b"\n")
    assert bench.cycle().work.lines_sent == 1
    assert len(bench.stored()) == 10_000_001


def test_unfinished_line_is_sent_at_the_end_only_if_it_is_whole(bench: Bench) -> None:
    bench.write(b'{"a":1}\n{"b":')
    assert bench.cycle(final=True).files[0].note == "ends in an unfinished line"
    assert bench.stored() == b'{"a":1}\n'
    bench.append(b"2}")
    assert bench.cycle().work.lines_sent == 0
    report = bench.cycle(final=True)
    assert (report.work.lines_sent, report.behind, report.files[0].note) == (1, 0, "")
    assert bench.stored() == b'{"a":1}\n{"b":2}'


def test_newline_of_a_line_sent_open_follows_alone(bench: Bench) -> None:
    bench.write(b"{}")
    bench.cycle(final=True)
    bench.append(b"\n")
    work = bench.cycle().work
    assert (work.lines_sent, work.bytes_sent, work.commits) == (0, 1, 1)
    bench.append(b"[]\n")
    assert bench.cycle().files[0].lines == 2
    assert (bench.stored(), bench.generations()) == (b"{}\n[]\n", 1)


@pytest.mark.parametrize("after", [b"", b"[]\n"])
def test_lost_answer_to_a_lone_newline_is_asked_about(bench: Bench, after: bytes) -> None:
    """The store refuses a second newline for good, so repeating it would never end."""
    bench.write(b"{}")
    bench.cycle(final=True)
    bench.append(b"\n")
    bench.fault.after.append(BackendUnavailable("the answer was lost"))
    assert isinstance(bench.cycle().error, BackendUnavailable)
    bench.append(after)
    report = bench.cycle()
    assert (report.error, report.behind) == (None, 0)
    assert bench.stored() == b"{}\n" + after


def test_line_sent_open_that_goes_on_begins_a_new_generation(bench: Bench) -> None:
    bench.write(b"one\n{}")
    bench.cycle(final=True)
    bench.append(b" and more\n")
    report = bench.cycle()
    assert report.files[0].note == REWRITTEN
    assert bench.stored() == b"one\n{} and more\n"
    assert bench.stored(generation=1) == b"one\n{}"


@pytest.mark.parametrize(
    "content", [b"", b"on", b"one\n", b"ONE\ntwo\nsix\n", b"0ne\ntwo\nsix\nmore\n"]
)
@pytest.mark.parametrize("restart", [False, True])
def test_rewritten_file_begins_a_new_generation(
    bench: Bench, content: bytes, restart: bool
) -> None:
    bench.write(b"one\ntwo\nsix\n")
    bench.append(b"kept", "subagents/agent-abcdef.jsonl")  # so that there is work in any case
    bench.cycle()
    if restart:
        bench.restart()
    bench.write(content)
    assert bench.cycle().files[0].note.endswith(REWRITTEN)
    assert bench.stored() == content[: content.rfind(b"\n") + 1]
    assert bench.stored(generation=1) == b"one\ntwo\nsix\n"
    bench.restart()
    bench.append(b"\n")
    assert bench.cycle().files[0].note == REWRITTEN


def test_rewrite_in_the_middle_of_a_big_file_is_noticed(bench: Bench) -> None:
    data = bytearray(LINE * 5000)
    bench.write(bytes(data))
    bench.cycle()
    data[100_000] ^= 1
    bench.write(bytes(data))
    assert bench.cycle().files[0].note == REWRITTEN
    assert bench.stored() == data


def test_rewrite_before_an_unfinished_line_is_noticed(bench: Bench) -> None:
    """The file has not grown, but more of it is there than is acknowledged."""
    data = bytearray(LINE * 5000 + b"unfinished")
    bench.write(bytes(data))
    bench.cycle()
    data[100_000] ^= 1
    bench.write(bytes(data))
    assert bench.cycle().files[0].note == f"ends in an unfinished line; {REWRITTEN}"
    assert bench.stored() == data[: 5000 * len(LINE)]


def test_touched_file_is_compared_once_and_not_sent(bench: Bench) -> None:
    bench.write(LINE * 5000)
    bench.cycle()
    bench.touch()
    work = bench.cycle().work
    assert (work.files_opened, work.commits) == (1, 0)
    assert work.bytes_read >= 5000 * len(LINE)
    bench.restart()
    assert bench.cycle().work.files_opened == 0


def test_file_that_grew_between_listing_and_reading_is_not_compared_in_whole(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(LINE * 5000)
    real = os.open

    def grow_first(path: str, flags: int, *rest: int) -> int:
        if path == str(bench.transcript):
            bench.append(LINE)
        return real(path, flags, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", grow_first)
        bench.cycle()
    bench.append(LINE)
    assert bench.cycle().work.bytes_read < 3 * (TAIL + HEAD)
    assert bench.stored() == LINE * 5002


def test_lost_answer_is_not_sent_twice(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.fault.after.append(BackendUnavailable("the answer was lost"))
    report = bench.cycle()
    assert isinstance(report.error, BackendUnavailable)
    bench.append(b"two\n")
    report = bench.cycle()
    assert (report.error, report.work.lines_sent) == (None, 1)
    assert (bench.stored(), bench.generations()) == (b"one\ntwo\n", 1)


def test_lost_answer_leaves_the_evidence_of_what_was_sent(bench: Bench) -> None:
    """What was sent is rewritten with as many lines before anybody could ask."""
    bench.write(b"one\n")
    bench.fault.after.append(BackendUnavailable("the answer was lost"))
    bench.cycle()
    bench.write(b"ONE\n")
    assert bench.cycle().files[0].note == REWRITTEN
    assert bench.stored() == b"ONE\n"


def test_failure_before_storing_is_tried_again(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.fault.before.append(BackendUnavailable("locked"))
    report = bench.cycle()
    assert (str(report.error), report.behind, report.work.commits) == ("locked", 4, 0)
    assert bench.cycle().behind == 0
    assert bench.stored() == b"one\n"


def test_backend_that_has_more_than_was_known_is_believed(bench: Bench) -> None:
    """A daemon was killed between the store's commit and the registry's."""
    bench.write(b"one\n")
    bench.cycle()
    bench.close()
    with closing(bench.registry()) as registry:
        before = registry.files("claude-code", SESSION)[MAIN]
        bench.append(b"two\nthree\n")
        bench.cycle()
        registry.acknowledge("claude-code", SESSION, before)
    bench.restart()
    bench.append(b"four\n")
    work = bench.cycle().work
    assert (work.lines_sent, bench.generations()) == (1, 1)
    assert bench.stored() == b"one\ntwo\nthree\nfour\n"


def test_backend_that_has_less_than_was_known_is_believed(bench: Bench) -> None:
    """The store was restored from a backup."""
    bench.write(b"one\ntwo\n")
    bench.cycle()
    bench.close()
    backup = {path: path.read_bytes() for path in bench.directory.iterdir() if "store" in path.name}
    bench.append(b"three\n")
    bench.cycle()
    bench.close()
    for path in list(bench.directory.iterdir()):
        if "store" in path.name:
            path.unlink()
    for path, content in backup.items():
        path.write_bytes(content)
    bench.restart()
    work = bench.cycle().work
    assert (work.lines_sent, bench.generations()) == (1, 1)
    assert bench.stored() == b"one\ntwo\nthree\n"


def test_backend_that_moves_under_a_living_daemon_is_asked(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle()
    bench.append(b"two\n")
    bench.fault.before.append(PositionMoved("first_line must be 1 (got 2)"))
    assert isinstance(bench.cycle().error, PositionMoved)
    assert bench.cycle().behind == 0
    assert bench.stored() == b"one\ntwo\n"


def test_lost_registry_costs_one_reading_and_no_sending(bench: Bench) -> None:
    bench.write(LINE * 100)
    bench.cycle()
    for restart in range(2):
        bench.restart()
        if restart == 0:
            for path in list(bench.directory.glob("registry.db*")):
                path.unlink()
        work = bench.cycle().work
        assert work.commits == 0
        assert work.files_opened == (1 if restart == 0 else 0)


def test_lost_registry_and_a_file_with_other_lines_begin_a_new_generation(bench: Bench) -> None:
    bench.write(b"one\ntwo\n")
    bench.cycle()
    bench.restart()
    for path in list(bench.directory.glob("registry.db*")):
        path.unlink()
    bench.write(b"a b c d\n")
    bench.cycle()
    assert (bench.stored(), bench.generations()) == (b"a b c d\n", 2)


def test_rewrite_is_noted_even_if_the_daemon_dies_before_the_first_new_line(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle()
    bench.write(b"")
    bench.cycle()
    bench.restart()
    bench.write(b"new\n")
    assert bench.cycle().files[0].note == REWRITTEN
    assert bench.stored() == b"new\n"


def test_rewrite_is_not_forgotten_when_the_backend_could_not_be_told(bench: Bench) -> None:
    """Not even without the registry's spans: the evidence of the tail has shown it."""
    bench.write(b"one\n")
    bench.cycle()
    for path in list(bench.directory.glob("registry.db*")):
        path.unlink()
    bench.write(b"ONE\n")
    bench.fault.before.append(BackendUnavailable("locked"))
    assert isinstance(bench.cycle().error, BackendUnavailable)
    assert bench.cycle().files[0].note == REWRITTEN
    assert bench.stored() == b"ONE\n"


def test_lost_registry_is_given_evidence_of_the_whole_file_again(bench: Bench) -> None:
    data = bytearray(LINE * 5000)
    bench.write(bytes(data))
    bench.cycle()
    bench.restart()
    for path in list(bench.directory.glob("registry.db*")):
        path.unlink()
    bench.cycle()
    bench.restart()
    data[100_000] ^= 1
    bench.write(bytes(data))
    assert bench.cycle().files[0].note == REWRITTEN
