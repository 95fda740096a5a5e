from __future__ import annotations

import os
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


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"shown":false}', b'{"text":"x"}'])
def test_an_unreadable_notice_is_no_notice_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    paths = home(tmp_path)
    Path(paths.notice).write_bytes(content)
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
