"""What is ours is the user's alone, however it came to be open to others."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from confab_sync.cli.context import Context
from confab_sync.cli.main import cli
from confab_sync.cli.overview import overview
from confab_sync.errors import ConfigError
from confab_sync.paths import PROVIDER, Paths, check_own_directory, make_private_directory
from confab_sync.presence import inbox, session
from confab_sync.privacy import insecure_parents, tighten

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "config.json",
    "config.json.lock",
    "registry.db",
    "registry.db-wal",
    "registry.db-shm",
    "registry.db.lock",
    "ordinary",
    "store.db",
    "store.db-wal",
    "store.db.lock",
    "search.db",
    "notices/0123456789abcdef.json",
    "logs/s.log",
    "logs/s.log.old",
    "sync/.turn-0",
    "sync/s.json",
    f"sync/{PROVIDER}/s.json",
    f"sync/{PROVIDER}/s.inbox.jsonl",
    f"sync/{PROVIDER}/s.lock",
    f"sync/{PROVIDER}/s.off",
    "backoff/0123456789abcdef.json",
    "pushed/0123456789abcdef.jsonl",
)
LAUNCHER = "bin/confab"


def wide(tmp_path: Path) -> Paths:
    """A home in which everything is open to everybody."""
    home = tmp_path / "user" / "confab"
    for name in (*FILES, LAUNCHER):
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}" if name == "config.json" else b"")
        path.chmod(0o777 if name == LAUNCHER else 0o666)
    for place, _, _ in os.walk(home):
        os.chmod(place, 0o777)
    return Paths({"HOME": str(tmp_path / "user"), "CONFAB_HOME": str(home)})


def modes(directory: str) -> dict[str, int]:
    found = {}
    for place, directories, files in os.walk(directory):
        for name in (*directories, *files):
            path = os.path.join(place, name)
            found[os.path.relpath(path, directory)] = stat.S_IMODE(os.lstat(path).st_mode)
    return found


def test_every_file_and_directory_loses_the_rights_of_others(tmp_path: Path) -> None:
    paths = wide(tmp_path)
    over = list(tighten(paths))
    assert all(exposure.is_over for exposure in over)
    expected = dict.fromkeys(FILES, 0o600) | {LAUNCHER: 0o700}
    expected |= dict.fromkeys(
        ("bin", "logs", "sync", f"sync/{PROVIDER}", "backoff", "pushed", "notices"), 0o700
    )
    assert modes(paths.home) == expected
    assert {os.path.relpath(exposure.path, paths.home) for exposure in over} == {".", *expected}
    assert list(tighten(paths)) == []


def test_store_settings_and_logs_elsewhere_are_ours_too(tmp_path: Path) -> None:
    data = tmp_path / "data" / "confab"
    data.mkdir(parents=True)
    (data / "store.db").touch(mode=0o644)
    (tmp_path / "c.json").touch(mode=0o644)
    (tmp_path / "other.json").touch(mode=0o644)
    for path in (data / "store.db", tmp_path / "c.json", tmp_path / "other.json"):
        path.chmod(0o644)
    data.chmod(0o755)
    environ = {
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "CONFAB_CONFIG_PATH": str(tmp_path / "c.json"),
    }
    if sys.platform == "darwin":
        pytest.skip("XDG_DATA_HOME means nothing there")
    told = {exposure.path for exposure in tighten(Paths(environ))}
    assert told == {str(data), str(data / "store.db"), str(tmp_path / "c.json")}
    assert (tmp_path / "other.json").stat().st_mode & 0o777 == 0o644


def run(paths: Paths, environ: dict[str, str], *words: str) -> tuple[str, str]:
    result = CliRunner().invoke(
        cli, words, obj=Context(environ, paths), catch_exceptions=False, standalone_mode=False
    )
    return result.stdout, result.stderr


def test_command_says_in_a_line_for_each_what_was_open_and_only_once(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path / "user"), "CONFAB_HOME": str(tmp_path / "user" / ".confab")}
    home = tmp_path / "user" / ".confab"
    home.mkdir(parents=True)
    (home / "config.json").write_text("{}")
    home.chmod(0o755)
    (home / "config.json").chmod(0o644)
    paths = Paths(environ)
    out, said = run(paths, environ, "sync", "status", "--json")
    assert said.splitlines() == [
        "confab: ~/.confab was open to others (mode 0755); now it is yours alone",
        "confab: ~/.confab/config.json was open to others (mode 0644); now it is yours alone",
    ]
    assert json.loads(out)["problems"] == []
    assert run(paths, environ, "sync", "status")[1] == ""


def test_many_open_files_are_counted(tmp_path: Path) -> None:
    paths = wide(tmp_path)
    environ = {"HOME": str(tmp_path / "user"), "CONFAB_HOME": paths.home}
    said = run(paths, environ, "sync", "status")[1].splitlines()
    assert len(said) == 6
    assert "other files" in said[-1]


AS_OWNER_OF_NOTHING = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@AS_OWNER_OF_NOTHING
def test_what_belongs_to_another_user_is_named_and_not_used(tmp_path: Path) -> None:
    paths = wide(tmp_path)
    list(tighten(paths))
    os.chown(paths.config, 12345, 12345)
    os.chown(paths.sync, 12345, 12345)
    told = {exposure.path: exposure for exposure in tighten(paths)}
    assert set(told) == {paths.config, paths.sync}
    assert not any(exposure.is_over for exposure in told.values())
    problems = overview(paths).problems
    assert f"{paths.sync} belongs to another user" in problems
    with pytest.raises(PermissionError, match="another user"):
        session.announce(paths.session("new"), {"type": inbox.START})
    from confab_sync.config import load_config

    with pytest.raises(ConfigError, match="another user"):
        load_config(paths.config)


@pytest.mark.parametrize("name", ["sync", f"sync/{PROVIDER}"])
def test_link_in_place_of_a_directory_below_the_home_is_never_followed(
    tmp_path: Path, name: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home = tmp_path / "confab"
    (home / name).parent.mkdir(parents=True)
    (home / name).symlink_to(elsewhere)
    paths = Paths({"CONFAB_HOME": str(home)})
    with pytest.raises(OSError, match="symbolic link"):
        session.announce(paths.session("s"), {"type": inbox.START})
    with pytest.raises(OSError, match="symbolic link"):
        session.make_session_directory(paths.session("s"))
    assert list(elsewhere.iterdir()) == []
    assert [exposure.path for exposure in tighten(paths) if not exposure.is_over] == [
        f"{paths.home}/{name}"
    ]


def test_home_may_be_a_link_of_the_users_own(tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles" / "confab"
    dotfiles.mkdir(parents=True)
    home = tmp_path / ".confab"
    home.symlink_to(dotfiles)
    paths = Paths({"CONFAB_HOME": str(home)})
    session.announce(paths.session("s"), {"type": inbox.START})
    assert (dotfiles / "sync" / PROVIDER / "s.inbox.jsonl").exists()
    assert dotfiles.stat().st_mode & 0o777 == 0o700
    assert home.is_symlink()


@AS_OWNER_OF_NOTHING
def test_home_that_is_somebody_elses_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    home = tmp_path / ".confab"
    home.symlink_to(tmp_path / "mine")
    os.chown(home, 12345, 12345, follow_symlinks=False)
    with pytest.raises(OSError, match="symbolic link"):
        make_private_directory(str(home), may_be_link=True)


def test_directory_that_all_users_share_is_never_made_private(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(PermissionError, match="others write to"):
        make_private_directory(str(shared), may_be_link=True)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o1777
    shared.chmod(0o700)
    assert check_own_directory(str(shared)) == 0o700


def test_parent_in_which_everybody_may_put_another_home_is_named(tmp_path: Path) -> None:
    place = tmp_path / "open"
    place.mkdir()
    paths = Paths({"CONFAB_HOME": str(place / "confab")})
    assert list(insecure_parents(paths)) == []
    place.chmod(0o777)
    (exposure,) = insecure_parents(paths)
    assert exposure.path == os.path.realpath(place)
    assert str(exposure) in overview(paths).problems
    place.chmod(0o1777)
    assert list(insecure_parents(paths)) == []


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277, 0o777])
def test_whatever_the_umask_what_is_created_is_private_and_usable(
    tmp_path: Path, umask: int
) -> None:
    environ = {
        "HOME": str(tmp_path),
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "CONFAB_HOME": str(tmp_path / ".confab"),
    }
    transcript = tmp_path / ".claude" / "projects" / "p" / "abc.jsonl"
    transcript.parent.mkdir(parents=True)
    transcript.write_bytes(b'{"type":"user"}\n')

    def confab(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "confab_sync", *words],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: os.umask(umask),
        )
        return done.stderr

    confab("setup", "--import")
    assert "open to others" not in confab("sync", "status", "--all")
    found = modes(str(tmp_path / ".confab"))
    assert {"config.json", "registry.db", "store.db", "store.db.lock", "bin/confab"} <= set(found)
    assert found.pop("bin/confab") == 0o700
    assert {
        name: mode
        for name, mode in found.items()
        if mode != (0o700 if os.path.isdir(tmp_path / ".confab" / name) else 0o600)
    } == {}
    confab("forget", "abc", "--yes")
