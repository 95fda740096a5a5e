from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

import pytest

from confab_sync.presence import lock
from tests.processes import finish, kill, line_of, python

HOLDER = """
import os, sys
from confab_sync.presence import lock
print(lock.take(sys.argv[1]) is not None, flush=True)
sys.stdin.read()
"""

PROBER = """
import sys
from confab_sync.presence import lock
print("ready", flush=True)
while True:
    lock.is_held(sys.argv[1])
"""

TAKER = """
import os, sys
from confab_sync.presence import lock
print("ready", flush=True)
sys.stdin.readline()
taken = lock.take(sys.argv[1])
print(taken is not None, flush=True)
sys.stdin.read()
"""

HEIR = """
import os, sys
from confab_sync.presence import lock
print(lock.confirm(sys.argv[1], int(sys.argv[2])), flush=True)
sys.stdin.read()
"""


def no_pause(_seconds: float) -> None:
    """Try again at once."""


def test_a_free_lock_is_taken_and_its_file_is_private(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    assert not lock.is_held(path)
    taken = lock.take(path)
    assert taken is not None
    assert lock.is_held(path)
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert not os.get_inheritable(taken)
    os.close(taken)
    assert not lock.is_held(path)


def test_a_lock_that_another_process_holds_is_not_taken(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    holder = python(HOLDER, path)
    assert line_of(holder) == "True"
    assert lock.is_held(path)
    assert lock.take(path) is None
    kill(holder)


def test_the_kernel_frees_the_lock_of_a_process_that_was_killed(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    holder = python(HOLDER, path)
    assert line_of(holder) == "True"
    kill(holder)
    assert not lock.is_held(path)
    taken = lock.take(path)
    assert taken is not None
    os.close(taken)


def test_of_many_takers_at_once_exactly_one_gets_it(tmp_path: Path) -> None:
    for round_ in range(5):
        path = f"{tmp_path}/{round_}.lock"
        takers = [python(TAKER, path) for _ in range(4)]
        assert {line_of(taker) for taker in takers} == {"ready"}
        for taker in takers:
            assert taker.stdin is not None
            taker.stdin.write("\n")
            taker.stdin.flush()
        assert sorted(line_of(taker) for taker in takers) == ["False"] * 3 + ["True"]
        for taker in takers:
            finish(taker)


def test_a_tight_probe_is_never_mistaken_for_an_owner(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    prober = python(PROBER, path)
    assert line_of(prober) == "ready"
    try:
        for _ in range(200):
            taken = lock.take(path)
            assert taken is not None
            os.close(taken)
    finally:
        kill(prober)


def test_a_taker_tries_again_while_a_probe_is_in_the_way(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    probe = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(probe, fcntl.LOCK_SH)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        fcntl.flock(probe, fcntl.LOCK_UN)

    taken = lock.take(path, pause=pause)
    assert taken is not None
    assert len(pauses) == 1
    os.close(taken)
    os.close(probe)


def test_a_probe_that_never_ends_is_given_up_on(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    probe = os.open(path, os.O_RDWR | os.O_CREAT)
    fcntl.flock(probe, fcntl.LOCK_SH)
    times = iter([0.0, 0.02, 0.04, 0.06])
    assert lock.take(path, clock=lambda: next(times), pause=no_pause) is None
    os.close(probe)


def test_an_owner_is_recognised_at_once(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    taken = lock.take(path)
    assert taken is not None

    def pause(_seconds: float) -> None:
        pytest.fail("there is nothing to wait for")

    assert lock.take(path, pause=pause) is None
    os.close(taken)


def test_a_lock_file_that_was_removed_is_created_again(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    old = lock.take(path)
    assert old is not None
    os.unlink(path)
    new = lock.take(path)
    assert new is not None
    assert lock.names(path, new)
    assert not lock.names(path, old)
    os.close(old)
    os.close(new)


def test_the_lock_of_a_file_that_its_owner_removed_meanwhile_is_worth_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{tmp_path}/s.lock"
    opened: list[int] = []
    real_open = os.open

    def leaves_after_the_first_open(*arguments: object, **options: object) -> int:
        descriptor = real_open(*arguments, **options)  # type: ignore[arg-type]
        opened.append(descriptor)
        if len(opened) == 1:
            os.unlink(path)
        return descriptor

    monkeypatch.setattr(os, "open", leaves_after_the_first_open)
    taken = lock.take(path)
    monkeypatch.undo()
    assert taken is not None
    assert len(opened) == 2
    assert lock.names(path, taken)
    assert lock.is_held(path)
    os.close(taken)


@pytest.mark.parametrize("kind", ["directory", "symlink", "below a file"])
def test_what_is_no_lock_file_is_an_os_error(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "s.lock"
    if kind == "directory":
        path.mkdir()
    elif kind == "symlink":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path.write_text("")
        path = path / "s.lock"
    with pytest.raises(OSError):  # noqa: PT011
        lock.take(str(path))
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_system_without_locks_is_an_os_error_and_leaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_descriptor: int, _kind: int) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    before = os.dup(0)
    os.close(before)
    with pytest.raises(OSError, match="No locks"):
        lock.take(f"{tmp_path}/s.lock")
    after = os.dup(0)
    os.close(after)
    assert after == before


def test_an_inherited_lock_is_held_through_exec(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    taken = lock.take(path)
    assert taken is not None
    os.set_inheritable(taken, True)
    heir = python(HEIR, path, str(taken), pass_fds=[taken])
    assert line_of(heir) == "True"
    os.close(taken)
    assert lock.is_held(path)
    assert lock.take(path) is None
    finish(heir)
    assert not lock.is_held(path)


def test_a_descriptor_that_carries_no_lock_is_locked_once_the_starter_lets_go(
    tmp_path: Path,
) -> None:
    path = f"{tmp_path}/s.lock"
    starter = lock.take(path)
    assert starter is not None
    mine = os.open(path, os.O_RDWR)  # as over NFS: open, but locked by somebody else

    def starter_lets_go(_seconds: float) -> None:
        os.close(starter)

    assert lock.confirm(path, mine, pause=starter_lets_go)
    assert lock.is_held(path)
    os.close(mine)


def test_an_heir_gives_up_when_the_lock_stays_with_somebody_else(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    owner = lock.take(path)
    assert owner is not None
    mine = os.open(path, os.O_RDWR)
    times = iter([0.0, 0.5, 1.5])
    assert not lock.confirm(path, mine, clock=lambda: next(times), pause=no_pause)
    os.close(mine)
    os.close(owner)


def test_a_descriptor_of_another_file_is_no_lock(tmp_path: Path) -> None:
    path = f"{tmp_path}/s.lock"
    old = lock.take(path)
    assert old is not None
    os.unlink(path)
    assert not lock.confirm(path, old)
    Path(path).write_text("")
    assert not lock.confirm(path, old)
    os.close(old)


def test_a_descriptor_that_is_not_open_is_no_lock(tmp_path: Path) -> None:
    assert not lock.confirm(f"{tmp_path}/s.lock", sys.maxsize % 2**31)
