"""The resting daemon's sleep, with real signals in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PREAMBLE = """
import os, signal, sys, time
sys.path.insert(0, sys.argv[1])
from confab_sync.daemon.waiting import Waiting
from confab_sync.presence.spawn import BLOCKED
signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
waiting = Waiting()
if sys.argv[2] == "portable":
    waiting.announces = False
"""
ROOT = str(Path(__file__).resolve().parent.parent.parent)
ways = pytest.mark.parametrize("way", ["announced", "portable"])


def run(script: str, way: str, *arguments: str) -> str:
    if way == "announced" and not sys.platform.startswith("linux"):
        way = "portable"
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + script, ROOT, way, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


@ways
def test_a_pending_signal_wakes_and_stays_pending(way: str) -> None:
    script = """
os.kill(os.getpid(), signal.SIGTERM)
print(waiting.wait(), signal.SIGTERM in signal.sigpending())
"""
    assert run(script, way) == "True True"


@ways
def test_a_signal_during_the_sleep_wakes(way: str) -> None:
    script = """
import threading
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
print(any(waiting.wait() for _ in range(9)), signal.SIGUSR1 in signal.sigpending())
"""
    assert run(script, way) == "True True"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="F_NOTIFY is Linux's")
@pytest.mark.parametrize(
    "change",
    [
        "open(path + '/f', 'ab').write(b'x')",
        "open(path + '/g', 'w')",
        "os.rename(path + '/f', path + '/h')",
    ],
)
def test_a_change_in_a_watched_directory_wakes_long_before_the_look(
    tmp_path: Path, change: str
) -> None:
    (tmp_path / "f").write_text("x")
    script = f"""
from confab_sync.daemon import waiting as module
module.LONGEST = 1000.0
path = sys.argv[3]
waiting.watch([path])
{change}
print(waiting.wait())
"""
    assert run(script, "announced", str(tmp_path)) == "False"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="F_NOTIFY is Linux's")
def test_more_changes_than_the_kernel_can_queue_do_not_kill(tmp_path: Path) -> None:
    """Then it sends SIGIO instead, whose default is the end of the process (fcntl(2))."""
    script = """
import resource
resource.setrlimit(resource.RLIMIT_SIGPENDING, (0, 0))
waiting.watch([sys.argv[3]])
for number in range(9):
    open(f"{sys.argv[3]}/{number}", "w").close()
print(waiting.wait(), waiting.was_told)
"""
    assert run(script, "announced", str(tmp_path)) == "False True"


def test_directories_that_are_no_longer_wanted_are_let_go(tmp_path: Path) -> None:
    script = """
before = len(os.listdir("/dev/fd"))
for _ in range(20):
    waiting.watch([sys.argv[3], "/nowhere"])
    waiting.watch([])
print(len(os.listdir("/dev/fd")) - before)
"""
    assert run(script, "announced", str(tmp_path)) == "0"


def test_a_false_alarm_is_sat_out_but_a_signal_is_not(tmp_path: Path) -> None:
    script = """
os.kill(os.getpid(), signal.SIGHUP)
print(waiting.sit_out(), signal.SIGHUP in signal.sigpending())
"""
    expected = "True True" if sys.platform.startswith("linux") else "False True"
    assert run(script, "announced") == expected


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="F_NOTIFY is Linux's")
def test_a_wait_tells_news_from_the_end_of_patience(tmp_path: Path) -> None:
    script = """
from confab_sync.daemon import waiting as module
module.LONGEST = 0.01
waiting.watch([sys.argv[3]])
waiting.wait()
before = waiting.was_told
open(sys.argv[3] + "/f", "w")
waiting.wait()
print(before, waiting.was_told)
"""
    assert run(script, "announced", str(tmp_path)) == "False True"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="F_NOTIFY is Linux's")
def test_a_directory_that_took_the_place_of_another_is_watched(tmp_path: Path) -> None:
    script = """
import shutil
from confab_sync.daemon import waiting as module
module.LONGEST = 0.01
path = sys.argv[3] + "/d"
os.mkdir(path)
waiting.watch([path])
os.rename(path, path + "-old")
os.mkdir(path)
waiting.watch([path])
while waiting.wait() or waiting.was_told:
    pass
open(path + "/f", "w")
waiting.wait()
print(waiting.was_told)
"""
    assert run(script, "announced", str(tmp_path)) == "True"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="F_NOTIFY is Linux's")
def test_what_cannot_be_watched_is_not_covered(tmp_path: Path) -> None:
    script = """
places = [sys.argv[3], sys.argv[3] + "/missing"]
waiting.watch(places)
print(waiting.covers(places[:1]), waiting.covers(places))
"""
    assert run(script, "announced", str(tmp_path)) == "True False"


def test_where_nothing_can_be_announced_nothing_is_covered(tmp_path: Path) -> None:
    script = """
waiting.watch([sys.argv[3]])
print(waiting.covers([sys.argv[3]]))
"""
    assert run(script, "portable", str(tmp_path)) == "False"
