"""The confab under test: the wheel of this checkout in a clean virtual environment."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
_BUILD_INPUTS = ("pyproject.toml", "README.md", "LICENSE")
_UNUSED_AFTER = 86_400.0
_MISLEADING = {
    *("PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"),
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_NO_DEPS"),
}
"""Settings of the caller's shell that would make pip or Python use another place."""


def cache_directory() -> Path:
    """Where downloads and built environments are kept between runs (`CONFAB_TEST_CACHE`)."""
    chosen = os.environ.get("CONFAB_TEST_CACHE")
    directory = Path(chosen) if chosen else REPOSITORY / ".cache"
    directory.mkdir(parents=True, exist_ok=True)
    return directory.resolve()


@contextmanager
def only_one_at_a_time(name: str) -> Iterator[None]:
    """Hold a lock in the cache so that two test runs do not fill the same place at once."""
    with (cache_directory() / f"{name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def installed_confab() -> Path:
    """Build the wheel and install it into a clean environment, once for each source content.

    Returns the path of the `confab` executable. Raises `subprocess.CalledProcessError` when
    the wheel cannot be built or installed; pip's own words are on stderr. An executable that
    `CONFAB_TEST_EXECUTABLE` names is taken as it is.
    """
    if chosen := os.environ.get("CONFAB_TEST_EXECUTABLE"):
        return Path(chosen)
    with only_one_at_a_time("installed"):
        place = cache_directory() / f"installed-{_source_hash()}"
        complete = place / "complete"
        if not complete.exists():
            shutil.rmtree(place, ignore_errors=True)
            _install(place)
        complete.touch()
        _forget_unused(place)
    return place / "bin" / "confab"


def copy_with_package(executable: Path, package: Path, place: Path) -> Path:
    """Make a copy of an installed confab in which `package` is the package; its executable.

    Takes a second where building and installing a wheel takes many.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    (source,) = executable.parent.parent.glob("lib/python*/site-packages")
    (target,) = place.glob("lib/python*/site-packages")
    shutil.copytree(
        source,
        target,
        ignore=shutil.ignore_patterns(package.name),
        copy_function=_link,
        dirs_exist_ok=True,
    )
    shutil.copytree(package, target / package.name)
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", str(target / package.name)], check=True
    )
    copy = place / "bin" / executable.name
    _, _, program = executable.read_text(encoding="utf-8").partition("\n")
    copy.write_text(f"#!{place / 'bin' / 'python'}\n{program}", encoding="utf-8")
    copy.chmod(0o755)
    return copy


def _link(source: str, target: str) -> None:
    """Copy a file without copying its bytes, where that is possible."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _install(place: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    # Debian can make an environment without pip only; the caller's pip fills it.
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(place)], env=environ, check=True
    )
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    with tempfile.TemporaryDirectory() as wheels:
        build = ["wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, str(REPOSITORY)]
        subprocess.run([*pip, *build], env=environ, check=True)
        (wheel,) = Path(wheels).glob("*.whl")
        python = str(place / "bin" / "python")
        install = ["--python", python, "install", "--quiet", "--compile", f"{wheel}[server]"]
        subprocess.run([*pip, *install], env=environ, check=True)


def _source_hash() -> str:
    """A hash over everything that the wheel is built from."""
    digest = hashlib.sha256(sys.version.encode())
    sources = [
        path
        for path in (REPOSITORY / "confab_sync").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    for path in [*(REPOSITORY / name for name in _BUILD_INPUTS), *sorted(sources)]:
        digest.update(f"{path.relative_to(REPOSITORY)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _forget_unused(current: Path) -> None:
    """Remove environments of other source contents that no run has used for a day."""
    for place in cache_directory().glob("installed-*"):
        marker = place / "complete"
        if place == current or not marker.exists():
            continue
        if time.time() - marker.stat().st_mtime > _UNUSED_AFTER:
            shutil.rmtree(place, ignore_errors=True)
