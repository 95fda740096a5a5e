"""The package on disk: noticed when it is replaced, waited for until it is whole."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from confab_sync.daemon.package import CALM, PATIENCE, Package
from tests.daemon.factories import Clock


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    return install(tmp_path / "package", "1")


def install(directory: Path, version: str) -> Path:
    (directory / "room").mkdir(parents=True)
    (directory / "__init__.py").write_text(f"__version__ = '{version}'")
    (directory / "room" / "module.py").write_text("")
    return directory


def package_at(directory: Path, *steps: Callable[[], object]) -> tuple[Package, Clock]:
    """A package whose pauses move the clock and let `steps` happen, one after the other."""
    clock = Clock()
    to_come = list(steps)

    def pause(seconds: float) -> None:
        clock.advance(seconds)
        if to_come:
            to_come.pop(0)()

    return Package(str(directory), clock, pause), clock


def test_an_unchanged_package_is_whole_without_waiting(installed: Path) -> None:
    package, clock = package_at(installed)
    before = clock()
    assert package.is_mine()
    assert package.is_whole()
    assert clock() == before


def test_another_version_in_its_place_is_noticed(installed: Path) -> None:
    package, _ = package_at(installed)
    shutil.rmtree(installed)
    assert not package.is_mine()
    install(installed, "2")
    assert not package.is_mine()
    assert package.is_whole()


def test_a_package_that_is_still_being_written_is_waited_for(installed: Path) -> None:
    writes = [lambda n=n: (installed / f"{n}.py").write_text("") for n in range(30)]
    package, clock = package_at(installed, *writes)
    shutil.rmtree(installed)
    install(installed, "2")
    before = clock()
    assert package.is_whole()
    assert clock() - before >= 30 * 0.1 + CALM
    assert (installed / "29.py").exists()


def test_a_package_that_is_gone_is_given_up_in_the_end(installed: Path) -> None:
    package, clock = package_at(installed)
    shutil.rmtree(installed)
    before = clock()
    assert not package.is_whole()
    assert PATIENCE <= clock() - before < PATIENCE + 1
