"""A session whose transcript moves is found where it lies now."""

from __future__ import annotations

from confab_sync.engine.subject import Subject
from tests.engine.factories import AGENT, MAIN, SESSION, Bench


def test_moved_transcript_is_followed_and_not_sent_again(bench: Bench) -> None:
    bench.write(b"one\n")
    bench.write(b"two\n", AGENT)
    bench.cycle()
    old = bench.transcript
    other = bench.projects / "-tmp"
    other.mkdir()
    old.rename(other / MAIN)
    old.with_suffix("").rename(other / SESSION)
    subject = Subject(SESSION, str(old), "/home/u/app")
    report = bench.sync.cycle(subject)
    assert report.transcript_path == str(other / MAIN)
    assert report.work.files_opened == 0
    bench.project = "-tmp"
    bench.append(b"more\n")
    bench.sync.cycle(subject)
    assert (bench.stored(), bench.generations()) == (b"one\nmore\n", 1)
