from __future__ import annotations

import os
import pwd
import stat
from pathlib import Path

import platformdirs
import pytest

from confab_sync.errors import ConfabError
from confab_sync.paths import Paths, is_marked, lineage, make_private_directory, user_home
from tests.processes import finish, line_of, python


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_everything_lies_below_the_home_directory() -> None:
    paths = Paths({"HOME": "/home/ada"})
    assert paths.home == "/home/ada/.confab"
    assert paths.config == "/home/ada/.confab/config.json"
    assert paths.logs == "/home/ada/.confab/logs"
    assert paths.registry == "/home/ada/.confab/registry.db"
    assert paths.launcher == "/home/ada/.confab/bin/confab"


def test_confab_home_moves_all_of_it_the_store_included() -> None:
    paths = Paths({"HOME": "/home/ada", "CONFAB_HOME": "/data/confab"})
    places = (paths.home, paths.config, paths.logs, paths.sync, paths.registry, paths.launcher)
    assert all(place.startswith("/data/confab") for place in (*places, paths.notices, paths.store))


def test_the_contracts_variables_move_one_place_each() -> None:
    environ = {"HOME": "/h", "CONFAB_CONFIG_PATH": "/etc/c.json", "CONFAB_LOG_DIR": "/var/l"}
    paths = Paths(environ)
    assert (paths.config, paths.logs, paths.home) == ("/etc/c.json", "/var/l", "/h/.confab")


@pytest.mark.parametrize("name", ["CONFAB_HOME", "CONFAB_CONFIG_PATH", "CONFAB_LOG_DIR"])
def test_a_relative_place_is_the_same_from_every_working_directory(name: str) -> None:
    paths = Paths({"HOME": "/home/ada", name: "my/place"})
    assert "/home/ada/my/place" in (paths.home, paths.config, paths.logs)


def test_a_session_has_its_files_side_by_side() -> None:
    paths = Paths({"HOME": "/h"}).session("abc")
    stem = "/h/.confab/sync/claude-code/abc"
    assert (paths.state, paths.inbox, paths.lock, paths.off) == (
        f"{stem}.json",
        f"{stem}.inbox.jsonl",
        f"{stem}.lock",
        f"{stem}.off",
    )


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "not/absolute"}])
def test_without_a_usable_home_variable_the_password_database_knows(
    environ: dict[str, str],
) -> None:
    assert user_home(environ) == pwd.getpwuid(os.getuid()).pw_dir


def test_a_user_without_a_home_is_told_to_set_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_uid: int) -> pwd.struct_passwd:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(ConfabError, match="set HOME"):
        Paths({})
    assert Paths({"CONFAB_HOME": "/data"}).sync == "/data/sync"


def test_missing_parents_are_created_private_too(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    make_private_directory(f"{tmp_path}/a/b/c")
    assert [mode(tmp_path / part) for part in ("a", "a/b", "a/b/c")] == [0o700] * 3


def test_an_open_directory_is_tightened_and_its_parent_left_alone(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    inner.mkdir(parents=True)
    inner.chmod(0o755)
    inner.parent.chmod(0o755)
    make_private_directory(str(inner))
    assert (mode(inner), mode(inner.parent)) == (0o700, 0o755)


def test_a_file_in_the_way_is_an_os_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError):  # noqa: PT011
        make_private_directory(f"{tmp_path}/file/below")


def test_a_working_directory_that_was_removed_is_an_os_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(OSError):  # noqa: PT011
        make_private_directory("relative/path")


MANY = """
import sys
from confab_sync.paths import make_private_directory
print("ready", flush=True)
sys.stdin.readline()
for number in range(200):
    make_private_directory(f"{sys.argv[1]}/{number}/a/b/c")
"""


def test_many_processes_create_the_same_directory_at_once(tmp_path: Path) -> None:
    processes = [python(MANY, str(tmp_path)) for _ in range(4)]
    assert [line_of(process) for process in processes] == ["ready"] * 4
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in processes:
        finish(process)
    assert len(list(tmp_path.glob("*/a/b/c"))) == 200


def test_a_directory_has_itself_and_all_above_as_its_lineage(tmp_path: Path) -> None:
    root = Path(os.path.realpath(tmp_path))
    above = [str(place) for place in (root / "a", *(root / "a").parents)]
    assert list(lineage(f"{root}/a")) == above
    assert list(lineage(f"{root}/x/../a/")) == above
    assert list(lineage("/")) == ["/"]
    (root / "link").symlink_to("a")
    assert list(lineage(f"{root}/link")) == [*above, f"{root}/link", *above[1:]]


@pytest.mark.parametrize("path", ["", "a", "~/a", "/a\0b", "/\ud800"])
def test_what_is_no_directory_has_no_lineage(path: str) -> None:
    assert list(lineage(path)) == []


def test_a_directory_is_marked_by_whatever_has_the_name(tmp_path: Path) -> None:
    assert not is_marked(str(tmp_path))
    (tmp_path / ".confabignore").symlink_to("nowhere")
    assert is_marked(str(tmp_path))
    assert is_marked(f"{tmp_path}/")


@pytest.mark.parametrize(
    "environ",
    [
        {"HOME": "/home/ada"},
        {"HOME": "/home/ada/"},
        {"HOME": "/"},
        {"HOME": "//home//"},
        {"HOME": ""},
        {"HOME": "/home/ada", "XDG_DATA_HOME": ""},
        {"HOME": "/home/ada", "XDG_DATA_HOME": "/data"},
        {"HOME": "/home/ada", "XDG_DATA_HOME": "/data/"},
        {"HOME": "/home/ada", "XDG_DATA_HOME": "relative"},
        {"XDG_DATA_HOME": "/data"},
        {},
    ],
)
def test_the_store_lies_where_platformdirs_says(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    expected = platformdirs.user_data_dir("confab", appauthor=False) + "/store.db"
    assert Paths(environ).store == expected
