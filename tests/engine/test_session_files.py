"""Each file of a session: when it is done, what its trouble does to others, what is said of it."""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.engine.side_file import LARGEST
from confab_sync.errors import BackendRefused, BackendUnavailable
from tests.engine.factories import AGENT, MAIN, META, SESSION, Bench, notes, registered, take_away
from tests.permissions import out_of_reach

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_empty_transcript_creates_nothing_at_the_backend(bench: Bench) -> None:
    bench.write(b"")
    assert bench.cycle().files[0].behind == 0
    assert bench.backend.calls == []


def test_symlink_in_place_of_a_file_is_not_archived(bench: Bench) -> None:
    (bench.directory / "secret").write_bytes(b"secret\n")
    bench.write(b"one\n")
    bench.path("tool-results").mkdir(parents=True)
    bench.path("tool-results/link").symlink_to(bench.directory / "secret")
    assert [file.name for file in bench.cycle().files] == [MAIN]


def replace_by_link(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to("/etc/hostname")


def replace_by_pipe(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.mkfifo(path)


def replace_by_directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "change", [replace_by_link, replace_by_pipe, replace_by_directory, os.unlink]
)
def test_file_that_cannot_be_read_is_noted_and_the_others_go_on(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    """What was listed as a file is something else when it is opened."""
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.write(b"{}", META)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", take_away(bench, change))
        report = bench.cycle()
    assert report.error is None
    assert notes(report)["agent-abcdef.jsonl"].startswith("cannot be read: ")
    assert report.behind == 4
    assert bench.stored() == b"one\n"
    assert bench.stored_side(META) == b"{}"


def test_trouble_that_has_passed_is_forgotten(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.write(b"two\n", AGENT)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", take_away(bench, os.unlink))
        report = bench.cycle()
    bench.sync.settle(report)
    bench.write(b"two\n", AGENT)
    assert notes(bench.cycle()) == {}
    bench.restart()
    assert notes(bench.cycle()) == {}
    with closing(bench.registry()) as registry:
        assert registry.files("claude-code", SESSION)["agent-abcdef.jsonl"].note == ""


def test_files_that_may_not_be_looked_at_are_noted_and_looked_at_again(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle()
    bench.append(b"two\n")
    with out_of_reach(bench.projects):
        report = bench.cycle()
    assert notes(report)[MAIN] == "cannot be read: Permission denied"
    assert report.complete
    assert not report.may_rest
    assert [(file.lines, file.behind) for file in report.files] == [(1, 0), (0, 0)]
    bench.sync.settle(report)
    with closing(bench.registry()) as registry:
        assert [each.finished for each in registry.sessions()] == [False]
        assert list(registry.files("claude-code", SESSION)) == [MAIN]
    assert notes(bench.cycle()) == {}
    assert bench.stored() == b"one\ntwo\n"


def test_removed_file_is_passed_over(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.cycle()
    bench.path(AGENT).unlink()
    report = bench.cycle()
    assert [file.name for file in report.files] == [MAIN]
    assert bench.stored("agent-abcdef.jsonl") == b"two\n"


def test_refused_file_is_noted_and_the_others_go_on(bench: Bench) -> None:
    """A name that the store refuses for good must not stop what sorts behind it."""
    odd = "subagents/" + "/".join(["d" * 200] * 3)
    bench.write(b"one\n")
    bench.write(b"odd", odd)
    bench.write(b"late", "tool-results/x.txt")
    report = bench.cycle()
    assert report.error is None
    assert "refused by the backend" in notes(report)[odd]
    assert bench.stored_side("tool-results/x.txt") == b"late"


def test_refused_file_is_not_sent_again_unchanged(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.fault.before.append(BackendRefused("no"))
    report = bench.cycle()
    assert (report.error, notes(report)) == (None, {MAIN: "refused by the backend: no"})
    assert (report.behind, bench.cycle(final=True).behind) == (4, 4)
    assert bench.backend.calls == ["open_session", "append"]
    bench.append(b"two\n")
    report = bench.cycle()
    assert (notes(report), report.behind) == ({}, 0)
    assert bench.stored() == b"one\ntwo\n"


def test_side_file_is_sent_again_when_it_changes(bench: Bench) -> None:
    bench.write(b"first", META)
    assert bench.cycle().work.side_files_sent == 1
    bench.write(b"other", META)
    assert bench.cycle().work.side_files_sent == 1
    assert bench.stored_side(META) == b"other"


def test_side_file_counts_as_archived_only_when_the_backend_has_it(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.cycle()
    bench.write(b"first", META)
    bench.fault.before.append(BackendUnavailable("locked"))
    assert bench.cycle().work.side_files_sent == 0
    bench.restart()
    assert bench.cycle().work.side_files_sent == 1
    assert bench.stored_side(META) == b"first"


def test_side_file_that_grew_within_one_tick_is_sent_after_a_restart(bench: Bench) -> None:
    bench.write(b"first", META)
    bench.cycle()
    status = bench.path(META).stat()
    bench.path(META).write_bytes(b"and more")
    os.utime(bench.path(META), ns=(status.st_mtime_ns, status.st_mtime_ns))
    bench.fault.before.append(BackendUnavailable("locked"))
    bench.sync.settle(bench.cycle())
    bench.restart()
    assert bench.cycle().work.side_files_sent == 1
    assert bench.stored_side(META) == b"and more"


def test_too_large_side_file_is_noted_and_not_read(bench: Bench) -> None:
    bench.write(b"", "tool-results/huge.txt")
    os.truncate(bench.path("tool-results/huge.txt"), LARGEST + 1)
    report = bench.cycle()
    assert notes(report) == {"tool-results/huge.txt": f"too large to archive ({LARGEST + 1} bytes)"}
    assert (report.behind, report.work.files_opened) == (LARGEST + 1, 0)


def test_backend_without_side_files_is_not_behind_because_of_them(bench: Bench) -> None:
    bench.backend.refused_kinds = {"side"}
    bench.write(b"one\n")
    bench.write(b"{}", META)
    report = bench.cycle()
    assert (report.behind, report.work.commits) == (0, 1)
    assert notes(report) == {META: "not archived: this backend takes no such files"}
    bench.sync.settle(report)
    known = registered(bench)
    assert known is not None
    assert known.finished


def test_tail_of_a_deleted_transcript_is_sent_once_the_backend_is_back(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"agent\n", AGENT)
    bench.cycle()
    bench.append(b"two\n")
    bench.append(b"more\n", AGENT)
    bench.fault.before.append(BackendUnavailable("down"))
    assert bench.cycle().error is not None
    bench.transcript.unlink()
    bench.path(AGENT).unlink()
    assert bench.cycle().error is None
    assert (bench.stored(), bench.stored("agent-abcdef.jsonl")) == (b"one\ntwo\n", b"agent\nmore\n")
    assert bench.cycle().files == (), "what is archived is let go of"
