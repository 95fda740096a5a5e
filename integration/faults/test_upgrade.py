"""confab is upgraded, or taken away, while its daemons run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration.faults.standstill import until_small
from integration.home import Home
from integration.installed import copy_with_package
from integration.session import Session, process_exists
from integration.waiting import until

NEW = "99.0"
RENAMED = "Re2Engine", "NewerEngine"
"""What the large image imports only when it opens the backend, under another name."""


@pytest.fixture
def ready(confab: Path, tmp_path: Path) -> Iterator[Home]:
    """A home whose confab is an installation of its own, which can be replaced."""
    own = copy_with_package(confab, package_of(confab), tmp_path / "installed")
    home = Home.create(tmp_path / "home", own)
    home.confab("setup", "--no-import")
    yield home
    home.end_processes()


def package_of(executable: Path) -> Path:
    (package,) = executable.parent.parent.glob("lib/python*/site-packages/confab_sync")
    return package


def newer_version(package: Path, place: Path) -> Path:
    """A copy of the package with another version, in which something has changed its name."""
    shutil.copytree(package, place, ignore=shutil.ignore_patterns("__pycache__"))
    for path in place.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        changed = text.replace(*RENAMED)
        if path == place / "__init__.py":
            _, _, version = text.partition("__version__ = ")
            changed = text.replace(version.strip(), f'"{NEW}"')
        path.write_text(changed, encoding="utf-8")
    return place


def upgrade(package: Path, newer: Path) -> None:
    """What pip does: the old files go, the new ones come one by one."""
    package.rename(package.with_name("~onfab_sync"))
    shutil.copytree(newer, package)
    shutil.rmtree(package.with_name("~onfab_sync"))


def version_of(session: Session) -> str:
    return str((session.state or {}).get("version", ""))


def test_a_working_daemon_becomes_the_new_version_before_it_imports_anything(
    ready: Home, new_session: Callable[..., Session], tmp_path: Path
) -> None:
    package = package_of(ready.executable)
    newer = newer_version(package, tmp_path / "newer")
    session = new_session()
    session.write(b"")  # a file to work for, and nothing yet to open the backend for
    session.start()
    until(lambda: version_of(session), "the large image runs")
    old, pid = version_of(session), session.daemon_pid
    assert old != NEW
    upgrade(package, newer)
    session.write()
    session.until_archived(5)
    assert (version_of(session), session.daemon_pid) == (NEW, pid)
    session.end()
    session.until_gone()
    session.assert_archived()
    assert "internal error" not in log_of(session)


def test_a_resting_daemon_wakes_up_as_the_new_version(
    ready: Home, new_session: Callable[..., Session], tmp_path: Path
) -> None:
    package = package_of(ready.executable)
    newer = newer_version(package, tmp_path / "newer")
    session = new_session(CONFAB_REST_AFTER_MS="50")
    session.begin()
    session.until_phase("resting")
    pid = session.daemon_pid
    until_small(session)
    slept = times_asleep(pid)
    # It is woken while there is no package at all.
    package.rename(package.with_name("~onfab_sync"))
    session.write()
    until(lambda: times_asleep(pid) > slept + 5, "it looks for a package again and again")
    shutil.copytree(newer, package)
    session.until_archived(10)
    assert (version_of(session), session.daemon_pid) == (NEW, pid)
    session.end()
    session.until_gone()
    session.assert_archived()


@pytest.mark.parametrize("rest_after", ["50", "60000"], ids=["resting", "working"])
def test_a_daemon_whose_confab_was_taken_away_leaves(
    ready: Home, new_session: Callable[..., Session], rest_after: str
) -> None:
    session = new_session(CONFAB_REST_AFTER_MS=rest_after)
    session.begin()
    session.until_phase("resting" if rest_after == "50" else "syncing")
    pid = session.daemon_pid
    if rest_after == "50":
        until_small(session)
    shutil.rmtree(package_of(ready.executable))
    session.write()
    until(lambda: not process_exists(pid), "the daemon has left")
    assert not session.state_file.exists()


def times_asleep(pid: int) -> int:
    """How often the process has gone to sleep: one that looks for its package, ever again."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


def log_of(session: Session) -> str:
    return (session.home.path / ".confab" / "logs" / f"{session.id}.log").read_text()
