"""What is confab's on this machine, and what only looks like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from confab_sync.cli.purge import belongings, delete
from confab_sync.errors import ConfabError
from confab_sync.paths import Paths

if TYPE_CHECKING:
    from pathlib import Path

SESSION = "0b1c2d3e-1111-2222-3333-444455556666"

OURS = [
    "config.json",
    "config.json.lock",
    "registry.db",
    "registry.db-wal",
    "registry.db.lock",
    "notices/0123456789abcdef.json",
    "ordinary",
    "settings-origin.json",
    "settings-origin.json.12.0123abcd.tmp",
    "last_update_check",
    "store.db",
    "store.db-shm",
    "store.db.serve",
    "search.db",
    "search.db-wal",
    "search.db.updating",
    f"sync/{SESSION}.json",
    "sync/.turn-0",
    f"sync/claude-code/{SESSION}.json",
    f"sync/claude-code/{SESSION}.inbox.jsonl",
    f"sync/claude-code/{SESSION}.lock",
    f"sync/claude-code/{SESSION}.off",
    f"sync/claude-code/{SESSION}.json.12.tmp",
    f"sync/claude-code/{SESSION}.off.12.tmp",
    "notices/0123456789abcdef.json.12.tmp",
    f"logs/{SESSION}.log",
    f"logs/{SESSION}.log.old",
    "logs/confab.log",
    "backoff/0123456789abcdef.json",
    "pushed/0123456789abcdef.jsonl",
    "pushed/0123456789abcdef.jsonl.12.0123abcd.tmp",
    "backoff/0123456789abcdef.json.12.0123abcd.tmp",
]

NOT_OURS = ["config.json.bak", "store.db.copy", "sync/claude-code/a b.json", "logs/x.txt", "x/y"]


def filled(directory: Path, names: list[str]) -> None:
    for name in names:
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(b"x")


def files(directory: Path) -> list[str]:
    return sorted(str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file())


def test_exactly_the_files_of_confab_go(tmp_path: Path) -> None:
    home = tmp_path / "confab"
    filled(home, OURS + NOT_OURS)
    left = delete(belongings(Paths({"CONFAB_HOME": str(home)})))
    assert files(home) == sorted(NOT_OURS)
    assert set(left) >= {f"{home}/{name}" for name in NOT_OURS if name.count("/") == 0}


def test_an_empty_home_goes_with_its_directories(tmp_path: Path) -> None:
    home = tmp_path / "confab"
    filled(home, OURS)
    assert delete(belongings(Paths({"CONFAB_HOME": str(home)}))) == []
    assert not home.exists()


def test_in_a_directory_of_logs_that_is_shared_only_ours_go(tmp_path: Path) -> None:
    filled(tmp_path / "log", [f"{SESSION}.log", "confab.log.1", "nginx.log", "kern.log.old"])
    environ = {"CONFAB_HOME": str(tmp_path / "none"), "CONFAB_LOG_DIR": str(tmp_path / "log")}
    assert delete(belongings(Paths(environ))) == []
    assert files(tmp_path / "log") == ["kern.log.old", "nginx.log"]


def test_a_config_elsewhere_goes_and_its_directory_stays(tmp_path: Path) -> None:
    filled(tmp_path / "etc", ["confab.json", "other.json"])
    environ = {
        "CONFAB_HOME": str(tmp_path / "none"),
        "CONFAB_CONFIG_PATH": str(tmp_path / "etc" / "confab.json"),
    }
    delete(belongings(Paths(environ)))
    assert files(tmp_path / "etc") == ["other.json"]


def test_links_are_not_followed_into_somebody_elses_directory(tmp_path: Path) -> None:
    home = tmp_path / "confab"
    filled(tmp_path / "theirs", ["x.log", "y.json"])
    home.mkdir()
    (home / "logs").symlink_to(tmp_path / "theirs")
    (home / "sync").symlink_to(tmp_path / "theirs")
    left = delete(belongings(Paths({"CONFAB_HOME": str(home)})))
    assert files(tmp_path / "theirs") == ["x.log", "y.json"]
    assert sorted(left) == [f"{home}/logs", f"{home}/sync"]


def test_a_home_that_is_a_link_is_emptied_and_stays(tmp_path: Path) -> None:
    filled(tmp_path / "real", OURS)
    (tmp_path / "confab").symlink_to(tmp_path / "real")
    delete(belongings(Paths({"CONFAB_HOME": str(tmp_path / "confab")})))
    assert files(tmp_path / "real") == []
    assert (tmp_path / "confab").is_symlink()


def test_the_size_of_the_store_counts_its_journal(tmp_path: Path) -> None:
    home = tmp_path / "confab"
    filled(home, ["store.db", "store.db-wal"])
    assert belongings(Paths({"CONFAB_HOME": str(home)})).store_size == 2


def test_what_cannot_be_deleted_is_an_error(tmp_path: Path) -> None:
    found = belongings(Paths({"CONFAB_HOME": str(tmp_path)}))
    wrong = type(found)((str(tmp_path),), (), ())
    with pytest.raises(ConfabError, match="cannot be deleted"):
        delete(wrong)
