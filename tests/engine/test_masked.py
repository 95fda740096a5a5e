"""Nothing leaves unmasked, and masking moves no position."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.claude.assistant import ClaudeCode
from confab_sync.config import write_config
from confab_sync.engine import tail
from confab_sync.engine.ledger import Ledger
from confab_sync.engine.masked import MaskedBackend, configured_discretion, masking_backend
from confab_sync.engine.registry import Registry
from confab_sync.engine.session_sync import SessionSync
from confab_sync.engine.subject import Subject
from confab_sync.errors import ConfigError
from confab_sync.paths import HIDDEN, Paths
from confab_sync.redaction.configured import build, default_engine
from confab_sync.store.store import Store
from confab_sync.store.values import Chunk, SessionInfo
from tests.engine.factories import NOW, SESSION, now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from confab_sync.engine.known import KnownSession
    from confab_sync.engine.report import CycleReport

KEY = "sk-ant-" + "api03-" + "Zq7" * 31 + "AA"
"""Has the shape of a key, and is none."""


class Here:
    """A home with one session, and the masked embedded store."""

    def __init__(self, directory: Path) -> None:
        self.paths = Paths({"HOME": str(directory), "CONFAB_HOME": str(directory / "confab")})
        self.transcript = directory / f"{SESSION}.jsonl"
        self.counts: Counter[str] = Counter()
        self.ledger, self.sync = self._started()

    def restart(self) -> None:
        self.close()
        self.ledger, self.sync = self._started()

    def close(self) -> None:
        self.sync.close()
        self.ledger.close()

    def _started(self) -> tuple[Ledger, SessionSync]:
        ledger = Ledger(
            "claude-code",
            SESSION,
            lambda: Registry(self.paths.registry, clock=now),
            lambda error: pytest.fail(str(error)),
        )
        return ledger, SessionSync(
            ClaudeCode(),
            lambda: masking_backend(self.paths, None, self.counts.update),
            ledger,
            discretion=configured_discretion(self.paths),
        )

    def cycle(self) -> CycleReport:
        subject = Subject(SESSION, str(self.transcript), f"/work/{KEY}")
        report = self.sync.cycle(subject, final=True)
        assert report.error is None
        return report

    def ledger_session(self) -> KnownSession:
        with closing(Registry(self.paths.registry, clock=now)) as registry:
            known = registry.session("claude-code", SESSION)
        assert known is not None
        return known

    def stored(self, name: str = f"{SESSION}.jsonl") -> bytes:
        with Store.open(self.paths.store, clock=now, create=False) as store:
            session = store.find_session(SESSION)
            return b"".join(store.read_file(session.session_id, name))


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    one = Here(tmp_path)
    yield one
    one.close()


def line(**fields: object) -> bytes:
    return json.dumps(fields).encode() + b"\n"


def test_a_secret_in_a_line_becomes_a_marker_and_the_rest_stays(here: Here) -> None:
    before, after = line(a=1, big=2**70), line(b="c")
    here.transcript.write_bytes(before + line(text=f"use {KEY} now") + after)
    here.cycle()
    stored = here.stored()
    assert KEY.encode() not in stored
    assert stored.startswith(before)
    assert stored.endswith(after)
    assert b"[REDACTED:" in stored
    assert sum(here.counts.values()) == 1


def test_each_batch_of_a_backlog_is_masked_and_counted_once(here: Here) -> None:
    batches, filler = 3, line(text="x" * 1000)
    batch = line(text=KEY) + filler * (tail.BATCH // len(filler) - 1)
    here.transcript.write_bytes(batch * batches)
    while here.cycle().more:
        pass
    assert KEY.encode() not in here.stored()
    assert here.stored().count(b"[REDACTED:") == batches
    assert sum(here.counts.values()) == batches


def test_what_another_masker_has_prepared_is_masked_again(here: Here) -> None:
    chunk = Chunk(here.transcript.name, "transcript", 1, 1, line(text=KEY), len(line(text=KEY)))
    lenient = build(default_engine(), (), use_defaults=False)
    with closing(EmbeddedBackend(here.paths.store)) as backend:
        prepared = MaskedBackend(backend, lenient, here.counts.update).prepared(chunk)
        assert prepared.data == chunk.data
        strict = MaskedBackend(backend, build(default_engine(), ()), here.counts.update)
        assert KEY.encode() not in strict.prepared(prepared).data
        opened = strict.open_session(SessionInfo("claude-code", SESSION, str(here.transcript)))
        strict.append(opened.session_id, prepared)
    assert KEY.encode() not in here.stored()


def test_positions_are_those_of_the_source_also_after_a_restart(here: Here) -> None:
    here.transcript.write_bytes(line(text=KEY))
    here.cycle()
    here.restart()
    with here.transcript.open("ab") as file:
        file.write(line(text="clean"))
    report = here.cycle()
    assert report.behind == 0
    assert report.work.lines_sent == 1
    assert here.stored().count(b"\n") == 2
    assert here.stored().endswith(line(text="clean"))


def test_a_rewritten_line_is_noticed_behind_the_mask(here: Here) -> None:
    here.transcript.write_bytes(line(text=KEY) + line(n=1))
    here.cycle()
    here.transcript.write_bytes(line(text="shorter"))
    here.cycle()
    assert here.stored() == line(text="shorter")


def test_side_files_paths_and_the_last_payload_are_masked_too(here: Here, tmp_path: Path) -> None:
    here.transcript.write_bytes(line(n=1))
    results = tmp_path / SESSION / "tool-results"
    results.mkdir(parents=True)
    (results / "a.txt").write_text(f"export KEY={KEY}\n")
    here.cycle()
    here.sync.end(NOW.isoformat(), {"reason": "exit", "cwd": f"/work/{KEY}"})
    here.close()
    with open(here.paths.store, "rb") as file:
        assert KEY.encode() not in file.read()
    with Store.open(here.paths.store, clock=now, create=False) as store:
        session = store.find_session(SESSION)
        side = store.read_side_file(session.session_id, "tool-results/a.txt")
    assert b"[REDACTED:" in side
    assert KEY.encode() not in side


def test_it_is_off_only_when_that_is_said(here: Here) -> None:
    assert isinstance(masking_backend(here.paths, None, here.counts.update), MaskedBackend)
    write_config(here.paths.config, {"redaction": {"enabled": False}})
    backend = masking_backend(here.paths, None, here.counts.update)
    assert not isinstance(backend, MaskedBackend)


def test_a_pattern_that_cannot_be_used_means_that_nothing_is_sent(here: Here) -> None:
    patterns = [{"name": "broken", "pattern": "(", "type": "x"}]
    write_config(here.paths.config, {"redaction": {"enabled": True, "patterns": patterns}})
    with pytest.raises(ConfigError, match=r"config\.json"):
        masking_backend(here.paths, None, here.counts.update)


def test_the_registry_never_learns_of_a_directory_called_after_a_secret(here: Here) -> None:
    here.transcript.write_bytes(line(n=1))
    here.sync.settle(here.cycle())
    known = here.ledger_session()
    assert known.cwd.startswith("/work/[REDACTED:")
    assert KEY not in known.transcript_path
    assert HIDDEN in known.transcript_path


def test_the_directory_that_the_records_hide_is_read_from_the_transcript(here: Here) -> None:
    repository = here.transcript.parent / KEY
    (repository / ".git").mkdir(parents=True)
    (repository / ".git" / "HEAD").write_text("ref: refs/heads/topic\n")
    here.transcript.write_bytes(line(type="user", cwd=str(repository)))
    recorded = f"{here.transcript.parent.parent}/{HIDDEN}/{here.transcript.name}"
    subject = Subject(SESSION, str(here.transcript), "/work/[REDACTED:X]", recorded_path=recorded)
    report = here.sync.cycle(subject)
    assert (report.error, report.recorded_path) == (None, recorded)
    here.close()
    with Store.open(here.paths.store, clock=now, create=False) as store:
        session = store.find_session(SESSION)
    assert session.transcript_path == recorded
    assert KEY not in (session.cwd or "")
    assert "topic" in str(session.git_info)


def test_the_title_is_made_of_the_masked_lines(here: Here) -> None:
    password = "hunter" + "2x9Kq7w"
    text = f"<password>{password}</password> " + "x " * 2030 + f" {KEY}"
    here.transcript.write_bytes(line(type="user", message={"content": text}))
    here.cycle()
    here.close()
    with Store.open(here.paths.store, clock=now, create=False) as store:
        title = store.find_session(SESSION).first_user_message or ""
    assert title.endswith("...")
    assert password not in title
    assert KEY[:8] not in title
