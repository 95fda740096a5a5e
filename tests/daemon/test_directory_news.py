"""Which directories have their changes announced; what announces them is for test_waiting."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from confab_sync.daemon.directory_news import DirectoryNews
from tests.processes import finish, python

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="F_NOTIFY is Linux's")

REPLACED = """
import os, signal, sys
from confab_sync.daemon.directory_news import DirectoryNews
news = DirectoryNews()
signal.pthread_sigmask(signal.SIG_BLOCK, news.signals)
path = sys.argv[1] + "/d"
os.mkdir(path)
began = [news.watch([path]), news.watch([path])]
os.rename(path, path + "-old")
os.mkdir(path)
began.append(news.watch([path]))
while signal.sigtimedwait(news.signals, 0):
    pass
open(path + "/f", "w").close()
print(*began, signal.sigtimedwait(news.signals, 30).si_signo in news.signals)
"""


def test_a_directory_that_took_the_place_of_another_is_watched_anew(tmp_path: Path) -> None:
    assert finish(python(REPLACED, str(tmp_path))).strip() == "True False True True"


def test_what_cannot_be_watched_is_not_covered(tmp_path: Path) -> None:
    news = DirectoryNews()
    places = [str(tmp_path), str(tmp_path / "missing")]
    assert news.watch(places)
    assert news.covers(places[:1])
    assert not news.covers(places)
    assert not news.watch(places), "nothing new is watched"
    news.watch([])


def test_directories_that_are_no_longer_wanted_are_let_go(tmp_path: Path) -> None:
    news = DirectoryNews()
    before = len(os.listdir("/dev/fd"))
    for _ in range(20):
        news.watch([str(tmp_path), "/nowhere"])
        news.watch([])
    assert len(os.listdir("/dev/fd")) == before
