"""The rules of the model: what happens to a session's files, its daemons and its backend."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from confab_sync.claude.assistant import ClaudeCode
from confab_sync.engine.known import DIVERGED, NOT_TAKEN
from confab_sync.engine.position import TAIL
from confab_sync.engine.report import CycleReport
from confab_sync.errors import (
    BackendRefused,
    BackendUnauthorized,
    BackendUnavailable,
    ConfabError,
    FileUnavailable,
    PositionMoved,
)
from tests.model.copies import Copies
from tests.model.engines import Engine
from tests.model.files import ARCHIVED, PROJECTS, SIDES, Files
from tests.model.seams import BACKEND_CALLS, SEAMS, Killed

SECRET = b"ghp_" + b"a1B2c3D4e5F6" * 3
"""The shape of a GitHub token."""

LINES = {
    "object": b'{"a": 1}',
    "blank": b"",
    "carriage return": b"\r",
    "NULs": b"\0\0\0",
    "not UTF-8": b"\xff\xfe no text",
    "torn": b"{torn",
    "CRLF": b'{"b": "\xc3\xa9"}\r',
    "secret": b'{"type": "user", "text": "use ' + SECRET + b' here"}',
    "longer than the head": b"x" * 5000,
    "longer than the tail": b'{"long": "' + b"y" * 70_000 + b'"}',
}
FRAGMENTS = (b"{", b'{"a": 1}', b'{"c": [2]}\r', b'{"k": "' + SECRET + b'"}', b"\xff", b"\0")
ERRORS: tuple[ConfabError, ...] = (
    BackendUnavailable("locked"),
    FileUnavailable("this file, now"),
    PositionMoved("not contiguous"),
    BackendUnauthorized("no such key"),
    BackendRefused("never"),
)
"""What a call may fail with; the last two only where nothing was stored."""
UNCLEAR = ERRORS[:3]

MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
"""Where a sync costs nothing: thousands of examples should not wait for a disk."""

MOST_CYCLES = 12
"""After the last fault; a living daemon needs two at most."""

relatives = st.sampled_from(["", "", "", *sorted(ARCHIVED)])
is_then_seen = st.booleans()
"""Whether a cycle comes right after a change, or others before it."""
names = st.lists(st.sampled_from(sorted(LINES)), min_size=1, max_size=4)


def whole(chosen: list[str]) -> bytes:
    return b"".join(LINES[name] + b"\n" for name in chosen)


def is_whole(line: bytes) -> bool:
    return bool(line) and ClaudeCode().is_complete(line)


class SessionModel(RuleBasedStateMachine):
    """One session, its files the truth, and one daemon after another.

    A subclass says which engine (`engine_in`), how a line looks in the copy (`as_copied`), what
    the copy is (`copied`), and whether there are generations.
    """

    keeps_generations = True

    def __init__(self) -> None:
        super().__init__()
        self.directory = Path(tempfile.mkdtemp(prefix="confab-model-", dir=MEMORY))
        self.files = Files(self.directory / "projects")
        self.engine = self.engine_in(self.directory)
        self.is_disturbed = False
        """Whether the last cycle failed."""
        self.uncertain: set[str] = set()
        """Files of which a fault left it open what the backend has."""
        self.blind: set[str] = set()
        """Files whose evidence died with a daemon: no rewriting before a cycle has looked."""
        self.rewritten: set[str] = set()
        """Files whose past was changed since a cycle looked."""
        self.rewritings = dict.fromkeys(ARCHIVED, 0)
        self.deaths = 0
        self.diverged: set[str] = set()
        """Files of which the registry alone knows that the copy is of an earlier version."""
        self.has_opened = False
        """Whether this daemon has read the registry."""
        self.is_lost = False
        """Whether the registry was taken away while the daemon had its own memory."""
        self.is_seen = False
        """Whether the copy was compared since an engine last did something."""

    def engine_in(self, directory: Path) -> Engine:
        raise NotImplementedError

    def copied(self) -> Copies:
        raise NotImplementedError

    def as_copied(self, line: bytes) -> bytes:
        return line

    def side_as_copied(self, data: bytes) -> bytes:
        return data

    def maybe_tick(self, then: bool) -> None:
        if then:
            self.tick(final=False)

    # What happens to the files.

    def may_rewrite(self, relative: str) -> bool:
        """Whether the past of a file may change: not while nobody could possibly tell."""
        if relative in self.blind:
            return False
        self.rewritten.add(relative)
        self.rewritings[relative] += 1
        return True

    def may_append(self, relative: str, data: bytes) -> bool:
        """A file that comes into being again is rewritten, and so is a whole line continued."""
        if not self.files.exists(relative):
            return self.may_rewrite(relative)
        tail = self.files.content(relative).rpartition(b"\n")[2]
        return not is_whole(tail) or data.startswith(b"\n") or self.may_rewrite(relative)

    @rule(relative=relatives, added=names, then=is_then_seen)
    def append_lines(self, relative: str, added: list[str], then: bool) -> None:
        if self.may_append(relative, whole(added)):
            self.files.append(relative, whole(added))
        self.maybe_tick(then)

    @rule(relative=relatives, fragment=st.sampled_from(FRAGMENTS), then=is_then_seen)
    def append_part_of_a_line(self, relative: str, fragment: bytes, then: bool) -> None:
        if self.may_append(relative, fragment):
            self.files.append(relative, fragment)
        self.maybe_tick(then)

    @rule(
        relative=relatives,
        added=st.lists(st.sampled_from(sorted(LINES)), max_size=3),
        then=is_then_seen,
    )
    def complete_the_line(self, relative: str, added: list[str], then: bool) -> None:
        data = b"\n" + whole(added)
        if self.may_append(relative, data):
            self.files.append(relative, data)
        self.maybe_tick(then)

    @rule(relative=relatives, share=st.floats(0, 1), then=is_then_seen)
    def truncate(self, relative: str, share: float, then: bool) -> None:
        if self.files.exists(relative) and self.may_rewrite(relative):
            self.files.truncate(relative, int(len(self.files.content(relative)) * share))
        self.maybe_tick(then)

    @rule(relative=relatives, share=st.floats(0, 1), added=names, then=is_then_seen)
    def truncate_and_grow_past_the_old_size(
        self, relative: str, share: float, added: list[str], then: bool
    ) -> None:
        size = len(self.files.content(relative))
        if self.files.exists(relative) and self.may_rewrite(relative):
            self.files.truncate(relative, int(size * share))
            while len(self.files.content(relative)) <= size:
                self.files.append(relative, b"grown again\n" + whole(added))
        self.maybe_tick(then)

    @rule(
        relative=relatives,
        added=st.lists(st.sampled_from(sorted(LINES)), max_size=3),
        then=is_then_seen,
    )
    def replace_by_rename(self, relative: str, added: list[str], then: bool) -> None:
        if self.files.exists(relative) and self.may_rewrite(relative):
            self.files.replace(relative, b"new\n" + whole(added))
        self.maybe_tick(then)

    @rule(relative=relatives, at=st.floats(0, 1), byte=st.sampled_from(b"Z\n"), then=is_then_seen)
    def rewrite_in_place_with_the_same_length(
        self, relative: str, at: float, byte: int, then: bool
    ) -> None:
        data = bytearray(self.files.content(relative))
        # Between head and tail of a file that also grows, a changed byte is not looked for.
        if 0 < len(data) <= TAIL and self.may_rewrite(relative):
            data[int((len(data) - 1) * at)] = byte
            self.files.write(relative, bytes(data))
        self.maybe_tick(then)

    @rule(relative=relatives, then=is_then_seen)
    def delete(self, relative: str, then: bool) -> None:
        if self.files.exists(relative) and self.may_rewrite(relative):
            self.files.remove(relative)
        self.maybe_tick(then)

    @precondition(lambda self: self.files.exists(""))
    @rule(project=st.sampled_from(PROJECTS), then=is_then_seen)
    def move(self, project: str, then: bool) -> None:
        if project != self.files.project:
            self.files.move(project)
        self.maybe_tick(then)

    @rule(
        relative=st.sampled_from(SIDES),
        data=st.one_of(st.binary(max_size=20), st.just(SECRET)),
        then=is_then_seen,
    )
    def change_side_file(self, relative: str, data: bytes, then: bool) -> None:
        self.files.write(relative, data)
        self.maybe_tick(then)

    # What happens to the daemon and to what it needs.

    @rule(
        call=st.sampled_from(BACKEND_CALLS),
        error=st.sampled_from(ERRORS),
        is_answer_lost=st.booleans(),
        times=st.integers(1, 3),
        then=is_then_seen,
    )
    def fail(
        self, call: str, error: ConfabError, is_answer_lost: bool, times: int, then: bool
    ) -> None:
        definite = isinstance(error, (BackendRefused, BackendUnauthorized))
        if call == "open_session" and not isinstance(error, (BackendUnavailable, BackendRefused)):
            return
        when = "past" if is_answer_lost and not definite else "at"
        for _ in range(times):
            self.engine.seams.fail(f"{when} {call}", error)
        self.maybe_tick(then)

    @rule(relative=relatives, added=names, error=st.sampled_from(UNCLEAR))
    def lose_the_answer(self, relative: str, added: list[str], error: ConfabError) -> None:
        """The backend has stored the lines, and nobody knows."""
        if self.may_append(relative, whole(added)):
            self.files.append(relative, whole(added))
        self.engine.seams.fail("past append", error)
        self.tick(final=False)

    @rule(cycles=st.integers(1, 3))
    def backend_goes_down(self, cycles: int) -> None:
        self.engine.seams.is_down = True
        for _ in range(cycles):
            self.tick(final=False)
        self.engine.seams.is_down = False

    @rule(final=st.booleans())
    def tick(self, final: bool) -> None:
        self.finish_cycle(self.engine.cycle(self.files.transcript, final=final), final=final)

    @rule()
    def mend_and_settle(self) -> None:
        """When the faults end, the daemon that lived through them needs two cycles at most."""
        self.mend()
        self.tick(final=False)
        if self.is_disturbed:
            self.tick(final=False)
        assert not self.is_disturbed

    @precondition(lambda self: self.may_die())
    @rule()
    def stop_and_resume(self) -> None:
        self.tick(final=True)
        if self.may_die():
            self.forget()
            self.engine.restart()

    @precondition(lambda self: self.may_die())
    @rule(seam=st.sampled_from(SEAMS), skipped=st.integers(0, 2), final=st.booleans())
    def kill(self, seam: str, skipped: int, final: bool) -> None:
        """An exception that nothing catches: the engine's objects are dropped as they are."""
        self.engine.seams.kill(seam, skipped)
        try:
            report = self.engine.cycle(self.files.transcript, final=final)
        except Killed:
            self.die()
            self.engine.restart()
        else:
            self.engine.seams.spare()
            self.finish_cycle(report, final=final)

    @precondition(lambda self: self.may_die())
    @rule(relative=relatives, added=names)
    def kill_between_storing_and_acknowledging(self, relative: str, added: list[str]) -> None:
        if self.may_append(relative, whole(added)):
            self.files.append(relative, whole(added))
        self.kill("past append", 0, final=False)

    @precondition(lambda self: self.may_die())
    @rule()
    def restart(self) -> None:
        self.forget()
        self.engine.restart()

    @precondition(lambda self: self.may_die() and not self.rewritten and not self.diverged)
    @rule()
    def lose_the_registry(self) -> None:
        self.engine.stop()
        self.engine.lose_registry()
        self.engine.start()
        self.has_opened = False
        self.blind.update(ARCHIVED)

    @precondition(lambda self: not self.rewritten and not self.diverged)
    @rule()
    def lose_the_registry_under_the_daemon(self) -> None:
        self.is_lost = True
        self.engine.lose_registry()
        if not self.has_opened:
            self.blind.update(ARCHIVED)

    @precondition(lambda self: self.has_opened or not (self.rewritten or self.diverged))
    @rule(cycles=st.integers(1, 3))
    def registry_cannot_be_used(self, cycles: int) -> None:
        self.is_lost = True
        if not self.has_opened:
            self.blind.update(ARCHIVED)
        self.engine.seams.registry_fails = True
        for _ in range(cycles):
            self.tick(final=False)
        self.engine.seams.registry_fails = False

    def may_die(self) -> bool:
        """Not where a file was rewritten and the only evidence of that is in this daemon."""
        if self.diverged and self.is_lost:
            return False
        return not (self.rewritten & self.uncertain or (self.rewritten and self.is_lost))

    def forget(self) -> None:
        """A daemon's memory goes: after trouble only what the backend counts remains."""
        self.blind |= {*ARCHIVED} if self.is_lost else self.uncertain
        self.is_lost = self.has_opened = False

    def die(self) -> None:
        self.is_seen = False
        self.deaths += 1
        self.is_disturbed = True
        self.uncertain.update(ARCHIVED)
        self.forget()

    # What must be true.

    def finish_cycle(self, report: CycleReport, *, final: bool) -> None:
        self.is_seen = False
        self.is_disturbed = report.error is not None
        if self.is_disturbed:
            self.uncertain.update(ARCHIVED)
        self.diverged |= {file.name for file in report.files if DIVERGED in file.note}
        if not self.is_disturbed and report.backend_session_id:
            self.has_opened = True
            looked_at = {
                file.name
                for file in report.files
                if "refused" not in file.note and NOT_TAKEN not in file.note
            }
            still = {name for name in ARCHIVED if ARCHIVED[name] not in looked_at}
            self.blind &= still
            self.uncertain &= still
            self.rewritten &= still
            self.everything_is_there(report, final=final)

    @invariant()
    def the_copy_is_a_beginning_of_a_version(self) -> None:
        """In order, once, whole lines, and at the position that they have in the local file."""
        if self.is_seen:
            return
        self.is_seen = True
        copied = self.copied()
        for relative, name in ARCHIVED.items():
            copy = copied.files.get(name)
            if copy is None:
                continue
            versions = self.files.versions.get(relative, [])
            for lines in (copy.lines, *copy.earlier):
                assert any(self.is_beginning(lines, version) for version in versions), relative
            if copy.offset is not None and self.keeps_generations:
                assert any(
                    len(b"\n".join(version.split(b"\n")[: len(copy.lines)]))
                    + (bool(copy.lines) and not copy.is_open)
                    == copy.offset
                    for version in versions
                    if self.is_beginning(copy.lines, version)
                ), relative
            # Dying in the middle of beginning again may cost one beginning more.
            assert len(copy.earlier) <= self.rewritings[relative] + self.deaths, relative
        for name, data in copied.sides.items():
            assert data in map(self.side_as_copied, self.files.versions[name])

    def is_beginning(self, lines: tuple[bytes, ...], version: bytes) -> bool:
        pieces = version.split(b"\n")
        if len(lines) > len(pieces) or (len(lines) == len(pieces) and not is_whole(pieces[-1])):
            return False
        return all(
            self.as_copied(piece) == line for piece, line in zip(pieces, lines, strict=False)
        )

    def everything_is_there(self, report: CycleReport, *, final: bool) -> None:
        """All lines of all files, or the report says of which not."""
        copied = self.copied()
        reported = {file.name: file for file in report.files}
        for relative, name in ARCHIVED.items():
            if not self.files.exists(relative):
                continue
            file = reported[name]
            if "refused" in file.note or NOT_TAKEN in file.note:
                continue
            if DIVERGED in file.note:
                assert not self.keeps_generations
                assert self.rewritings[relative] > 0, relative
                continue
            content = self.files.content(relative)
            if not content and not report.backend_session_id:
                continue  # no session is opened for the sake of an empty file
            pieces = content.split(b"\n")
            copy = copied.files.get(name)
            if copy is None:
                assert len(pieces) == 1, relative
                assert not (final and is_whole(content)), relative
                continue
            tail = pieces.pop()
            if len(copy.lines) > len(pieces) or (final and is_whole(tail)):
                assert is_whole(tail), relative
                pieces.append(tail)
            assert list(copy.lines) == [self.as_copied(line) for line in pieces], relative
        for name in SIDES:
            if not self.files.exists(name):
                continue
            if "refused" not in reported[name].note and NOT_TAKEN not in reported[name].note:
                assert copied.sides[name] == self.side_as_copied(self.files.content(name))

    def mend(self) -> None:
        """All faults are over."""
        self.engine.seams.mend()

    def teardown(self) -> None:
        try:
            if self.may_die():
                self.mend()
                self.finish()
        finally:
            self.engine.stop()
            shutil.rmtree(self.directory)

    def finish(self) -> None:
        """When the faults are over, one more daemon puts everything right."""
        self.engine.restart()  # what was refused is tried again by the next daemon
        for _ in range(MOST_CYCLES):
            report = self.engine.cycle(self.files.transcript, final=True)
            if report.complete:
                break
        assert report.complete, report
        for file in report.files:
            assert "refused" not in file.note, file
            assert NOT_TAKEN not in file.note, file
        if any(file.lines for file in report.files):
            self.engine.end()
        self.the_copy_is_a_beginning_of_a_version()
        self.everything_is_there(report, final=True)


class DyingForReal(SessionModel):
    """The same, with daemons that are processes and die as processes do."""

    @precondition(lambda self: self.may_die())
    @rule(seam=st.sampled_from(SEAMS), skipped=st.integers(0, 2), final=st.booleans())
    def kill_the_process(self, seam: str, skipped: int, final: bool) -> None:
        """A child with an engine of its own that goes without closing anything."""
        self.forget()
        self.engine.stop()
        child = os.fork()
        if child == 0:
            try:
                self.engine.seams.kill(seam, skipped, lambda: os._exit(9))
                self.engine.start()
                self.engine.cycle(self.files.transcript, final=final)
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        self.die()
        self.engine.start()
