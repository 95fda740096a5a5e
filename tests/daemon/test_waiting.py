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
from confab_sync.process import identify, this_platform
signal.pthread_sigmask(signal.SIG_BLOCK, BLOCKED)
waiting = Waiting(this_platform(), announced=sys.argv[2] == "announced")
LONG = 1000.0
"""
ROOT = str(Path(__file__).resolve().parent.parent.parent)
ways = pytest.mark.parametrize("way", ["announced", "portable"])
on_linux = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="F_NOTIFY and pidfd_open are Linux's"
)


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
print(waiting.wait(LONG), signal.SIGTERM in signal.sigpending())
"""
    assert run(script, way) == "True True"


@ways
def test_a_signal_during_the_sleep_wakes(way: str) -> None:
    script = """
import threading
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGUSR1)).start()
print(any(waiting.wait(LONG) for _ in range(9)), signal.SIGUSR1 in signal.sigpending())
"""
    assert run(script, way) == "True True"


@on_linux
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
path = sys.argv[3]
waiting.watch([path])
{change}
print(waiting.wait(LONG))
"""
    assert run(script, "announced", str(tmp_path)) == "False"


@on_linux
def test_more_changes_than_the_kernel_can_queue_do_not_kill(tmp_path: Path) -> None:
    """Then it sends SIGIO instead, whose default is the end of the process (fcntl(2))."""
    script = """
import resource
resource.setrlimit(resource.RLIMIT_SIGPENDING, (0, 0))
waiting.watch([sys.argv[3]])
for number in range(9):
    open(f"{sys.argv[3]}/{number}", "w").close()
print(waiting.wait(LONG), waiting.was_told)
"""
    assert run(script, "announced", str(tmp_path)) == "False True"


def test_a_false_alarm_is_sat_out_but_a_signal_is_not(tmp_path: Path) -> None:
    script = """
os.kill(os.getpid(), signal.SIGHUP)
print(waiting.sit_out(), signal.SIGHUP in signal.sigpending())
"""
    expected = "True True" if sys.platform.startswith("linux") else "False True"
    assert run(script, "announced") == expected


@on_linux
def test_a_wait_tells_news_from_the_end_of_patience(tmp_path: Path) -> None:
    script = """
waiting.watch([sys.argv[3]])
waiting.wait(0.01)
before = waiting.was_told
open(sys.argv[3] + "/f", "w")
waiting.wait(LONG)
print(before, waiting.was_told)
"""
    assert run(script, "announced", str(tmp_path)) == "False True"


@on_linux
def test_a_signal_after_many_changes_is_not_lost_among_them(tmp_path: Path) -> None:
    script = """
waiting.watch([sys.argv[3]])
for number in range(2000):
    os.close(os.open(f"{sys.argv[3]}/{number}", os.O_CREAT | os.O_WRONLY))
os.kill(os.getpid(), signal.SIGHUP)
print(waiting.wait(LONG), waiting.was_told, signal.SIGHUP in signal.sigpending())
"""
    assert run(script, "announced", str(tmp_path)) == "True True True"


@on_linux
def test_what_was_announced_does_not_end_the_next_wait_too(tmp_path: Path) -> None:
    script = """
import resource
waiting.watch([sys.argv[3]])
open(sys.argv[3] + "/f", "w").close()
waiting.wait(LONG)
slept = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
waiting.wait(0.1)
print(waiting.was_told, resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw > slept)
"""
    assert run(script, "announced", str(tmp_path)) == "False True"


@on_linux
def test_signals_are_blocked_but_for_the_length_of_a_wait() -> None:
    script = """
blocked = [signal.pthread_sigmask(signal.SIG_BLOCK, ())]
waiting.wait(0.01)
waiting.sit_out()
blocked.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
print(*({*BLOCKED, signal.SIGRTMIN, signal.SIGIO} <= each for each in blocked))
"""
    assert run(script, "announced") == "True True"


@on_linux
@pytest.mark.parametrize("moment", ["before", "during"])
def test_the_end_of_a_parent_ends_the_wait_at_once_without_a_look(moment: str) -> None:
    script = f"""
import subprocess, threading
parent = subprocess.Popen(["sleep", "600"])
who = identify(this_platform(), parent.pid)
waiting.attend({{who}})
before = waiting.tells_ends, waiting.attends(who)
if {moment == "before"}:
    parent.kill()
else:
    threading.Timer(0.2, parent.kill).start()
print(*before, waiting.wait(LONG), waiting.was_told, waiting.attends(who))
parent.wait()
"""
    assert run(script, "announced") == "True True False False False"


@on_linux
def test_the_end_of_a_parent_while_a_false_alarm_is_sat_out_ends_the_wait_after_it() -> None:
    script = """
import subprocess
parent = subprocess.Popen(["sleep", "600"])
who = identify(this_platform(), parent.pid)
waiting.attend({who})
parent.kill()
print(waiting.sit_out(), waiting.attends(who), waiting.wait(LONG), waiting.attends(who))
parent.wait()
"""
    assert run(script, "announced") == "False True False False"


def test_without_announcements_the_end_of_a_parent_has_to_be_looked_for() -> None:
    script = """
waiting.attend({identify(this_platform(), os.getpid())})
print(waiting.tells_ends, waiting.unannounced)
"""
    assert run(script, "portable") == "False 1.0"


@on_linux
def test_without_a_free_descriptor_it_still_waits() -> None:
    script = """
import resource
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) - 1, most))
poor = Waiting(this_platform(), announced=True)
os.kill(os.getpid(), signal.SIGTERM)
print(poor.wait(LONG), poor.unannounced, signal.SIGTERM in signal.sigpending())
"""
    assert run(script, "announced") == "True 1.0 True"


def test_where_nothing_can_be_announced_nothing_is_covered(tmp_path: Path) -> None:
    script = """
waiting.watch([sys.argv[3]])
print(waiting.covers([sys.argv[3]]))
"""
    assert run(script, "portable", str(tmp_path)) == "False"
