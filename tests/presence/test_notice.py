from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from confab_sync.paths import Paths
from confab_sync.presence import notice


def home(tmp_path: Path) -> Paths:
    return Paths({"CONFAB_HOME": str(tmp_path)})


def test_nobody_is_told_anything_without_a_notice(tmp_path: Path) -> None:
    assert notice.take(home(tmp_path)) is None


def test_a_notice_is_shown_once(tmp_path: Path) -> None:
    paths = home(tmp_path)
    assert notice.leave(paths, "config", "it is broken")
    assert notice.take(paths) == "it is broken"
    assert notice.take(paths) is None


def test_a_trouble_that_lasts_is_told_once(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "it is broken")
    notice.take(paths)
    assert not notice.leave(paths, "config", "it is broken")
    assert notice.take(paths) is None


def test_troubles_of_two_backends_are_both_told(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "key of /work", "the key for work is refused")
    notice.leave(paths, "key of /home", "the key for home is refused")
    told = notice.take(paths)
    assert told is not None
    assert set(told.split("\n")) == {"the key for work is refused", "the key for home is refused"}
    assert notice.take(paths) is None


def test_two_troubles_that_last_are_told_once_whoever_meets_them_in_turn(tmp_path: Path) -> None:
    paths = home(tmp_path)
    for _ in range(2):
        notice.leave(paths, "key of /work", "the key for work is refused")
        notice.leave(paths, "key of /home", "the key for home is refused")
        notice.take(paths)
    assert not notice.leave(paths, "key of /work", "the key for work is refused")
    assert notice.take(paths) is None


def test_one_sentence_about_several_backends_is_told_once(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "line 3 is broken")
    notice.leave(paths, "config of /work", "line 3 is broken")
    assert notice.take(paths) == "line 3 is broken"
    notice.leave(paths, "config of /home", "line 3 is broken")
    assert notice.take(paths) is None


def test_notices_of_many_processes_are_all_kept(tmp_path: Path) -> None:
    code = (
        "import sys; from confab_sync.paths import Paths; from confab_sync.presence import notice\n"
        "for number in range(50): notice.leave(Paths({'CONFAB_HOME': sys.argv[1]}),"
        " f'{sys.argv[2]} {number % 5}', f'{sys.argv[2]} {number}');"
        " notice.settle(Paths({'CONFAB_HOME': sys.argv[1]}), f'{sys.argv[2]} 0')"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    writers = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    told = notice.take(home(tmp_path))
    assert told is not None
    wanted = {f"{writer} {number}" for writer in range(4) for number in range(46, 50)}
    assert set(told.split("\n")) == wanted


def test_another_trouble_is_told(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "it is broken")
    notice.take(paths)
    assert notice.leave(paths, "config", "it is broken elsewhere")
    assert notice.take(paths) == "it is broken elsewhere"


def test_a_settled_trouble_may_be_told_again(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "it is broken")
    notice.take(paths)
    notice.settle(paths, "config")
    assert notice.leave(paths, "config", "it is broken")
    assert notice.take(paths) == "it is broken"


def test_what_is_settled_before_it_was_shown_is_not_shown(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "it is broken")
    notice.settle(paths, "config")
    assert notice.take(paths) is None
    notice.settle(paths, "config")


def test_settling_one_trouble_leaves_the_notice_of_another(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "it is broken")
    notice.settle(paths, "login")
    assert notice.take(paths) == "it is broken"


def test_subjects_are_known_until_they_are_settled(tmp_path: Path) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "it is broken")
    notice.leave(paths, "key of /work", "it is refused")
    notice.take(paths)
    assert notice.subjects(paths) == ["config", "key of /work"]
    notice.settle(paths, "config")
    notice.settle(paths, "key of /work")
    assert notice.subjects(paths) == []
    assert not Path(paths.notices).exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"shown":false}', b'{"text":"x"}'])
def test_an_unreadable_notice_is_no_notice_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    paths = home(tmp_path)
    notice.leave(paths, "config", "it is whole")
    (place,) = Path(paths.notices).iterdir()
    place.write_bytes(content)
    assert notice.take(paths) is None
    assert notice.leave(paths, "config", "it is broken")
    assert notice.take(paths) == "it is broken"


def test_a_notice_that_cannot_be_marked_as_shown_is_shown_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(old: str, new: str) -> None:
        raise OSError(30, "Read-only file system")

    paths = home(tmp_path)
    notice.leave(paths, "config", "it is broken")
    monkeypatch.setattr(os, "rename", read_only)
    assert notice.take(paths) == "it is broken"
