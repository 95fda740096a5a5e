"""Packages of npm at pinned versions, fetched once into the cache."""

import shutil
import subprocess
from pathlib import Path

import pytest

from integration import requirements
from integration.installed import cache_directory, only_one_at_a_time


def fetched(package: str, version: str, wanted: str) -> Path:
    """The directory into which `package` is installed, downloading it if it is not there yet.

    `wanted` is a file below it that has to be there then; skips the test that asks when it
    cannot be fetched.
    """
    name = f"{package.rpartition('/')[2]}-{version}"
    place = cache_directory() / name
    with only_one_at_a_time(package.rpartition("/")[2]):
        if not (place / "complete").exists():
            _install(f"{package}@{version}", place)
            if not (place / wanted).exists():
                pytest.skip(f"npm did not bring {wanted}")
            (place / "complete").touch()
    return place


def _install(package: str, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    npm = subprocess.run(
        [
            *(requirements.tool("npm"), "install", "--no-save", "--ignore-scripts", "--no-fund"),
            *("--no-audit", "--prefix", str(place), package),
        ],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    if npm.returncode != 0:
        pytest.skip(f"npm could not fetch {package}: {npm.stderr.strip()[-500:]}")
