"""Checks that each test of the table fails once the handling it tests is switched off."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from integration.faults.table import ROOT, Situation, Switch, situations
from integration.faults.verdict import FAILED, verdict
from integration.installed import cache_directory, copy_with_package, installed_confab

PATIENCE = "20"
"""Seconds that a test waits for what will not happen with the switch on."""
TEST_SECONDS = "90"
"""Seconds after which pytest ends a test that hangs."""
PROCESS_SECONDS = 900
_NEVER_DEFINED = "E9,F63,F7,F821,F823"
"""ruff's rules for a substitution that is nonsense and would make any test fail."""


class BadSwitch(Exception):
    """A switch that cannot be applied, or that makes a file no program."""


def check(row: Situation, executable: Path) -> list[tuple[str, str]]:
    """Say of each test of `row` what it did in a copy of the checkout with the switch on.

    `executable` is the installed confab of this checkout. Raises `BadSwitch`.
    """
    with tempfile.TemporaryDirectory(
        prefix=f"confab-switch-{row.id}-", ignore_cleanup_errors=True
    ) as directory:
        place = Path(directory).resolve()
        copy = place / "checkout"
        _copy_checkout(copy)
        apply(row.switch, copy)
        environ = {
            **os.environ,
            "PYTHONPATH": str(copy),
            "CONFAB_TEST_PATIENCE": PATIENCE,
            "CONFAB_TEST_CACHE": str(cache_directory()),
            "TMPDIR": str(place),
        }
        if any(test.startswith("integration/") for test in row.tests):
            installed = copy_with_package(executable, copy / "confab_sync", place / "installed")
            environ["CONFAB_TEST_EXECUTABLE"] = str(installed)
        return [(test, _run(test, copy, place, environ)) for test in row.tests]


def apply(switch: Switch, checkout: Path) -> None:
    """Switch the handling off in `checkout`. Raises `BadSwitch`."""
    path = checkout / switch.file
    text = path.read_text(encoding="utf-8")
    if (count := text.count(switch.replace)) != 1:
        raise BadSwitch(f"what is to be replaced stands {count} times in {switch.file}")
    path.write_text(text.replace(switch.replace, switch.by), encoding="utf-8")
    if said := nonsense(path):
        raise BadSwitch(f"it makes nonsense of {switch.file}: {said}")


def nonsense(path: Path) -> str:
    """What makes the file at `path`, or one below it, no program; empty when nothing does."""
    ruff = [sys.executable, "-m", "ruff", "check", "--quiet", "--isolated", "--no-cache"]
    done = subprocess.run(
        [*ruff, "--select", _NEVER_DEFINED, "--output-format", "concise", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip()


def _copy_checkout(copy: Path) -> None:
    """Copy what git tracks, as it is in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_file() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _run(test: str, copy: Path, place: Path, environ: dict[str, str]) -> str:
    report = place / "report.xml"
    report.unlink(missing_ok=True)
    options = ["-x", "-q", "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS}"]
    pytest = [sys.executable, "-m", "pytest", *options, f"--junitxml={report}", test]
    try:
        done = subprocess.run(
            pytest,
            cwd=copy,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=PROCESS_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"pytest did not end within {PROCESS_SECONDS} seconds"
    return verdict(done.returncode, report)


def report(row: Situation, executable: Path) -> bool:
    """Print a line about one row; True when every test of it failed as it must."""
    began = time.monotonic()
    try:
        bad = [f"{test}: {said}" for test, said in check(row, executable) if said != FAILED]
    except BadSwitch as error:
        bad = [str(error)]
    seconds = time.monotonic() - began
    said = "; ".join(bad) if bad else f"{len(row.tests)} failed, as it must"
    print(f"{'BAD ' if bad else 'good'} {row.group}/{row.id} ({seconds:.0f} s): {said}", flush=True)
    return not bad


def main(arguments: list[str] | None = None) -> int:
    """Check the rows that are named, by id or group, or all; the exit status."""
    parser = argparse.ArgumentParser(prog="switches", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="rows at once")
    parser.add_argument("ids", nargs="*", metavar="ID", help="rows or groups; all by default")
    chosen = parser.parse_args(arguments)
    every = situations()
    if unknown := {*chosen.ids} - {row.id for row in every} - {row.group for row in every}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    rows = [row for row in every if not chosen.ids or {row.id, row.group} & {*chosen.ids}]
    executable = installed_confab()
    with ThreadPoolExecutor(chosen.jobs) as pool:
        good = sum(pool.map(lambda row: report(row, executable), rows))
    print(f"{len(rows)} situations, {good} good, {len(rows) - good} bad")
    return 0 if good == len(rows) and rows else 1


if __name__ == "__main__":
    sys.exit(main())
