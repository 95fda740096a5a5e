"""`make bench`: measure, print one table, and say what was left out."""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench import commands, redaction
from bench.figures import quartiles, table
from bench.hooks import WAYS, measure
from bench.rig import Unmeasurable, rig
from integration.installed import installed_confab

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.figures import Figure
    from bench.redaction import Speeds


def main() -> int:
    """Run the measurements that the command line asks for; the exit status is always 0."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--count", type=_positive, default=20, help="rounds (default: 20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE")
    options = parser.parse_args()
    figures: list[Figure] = []
    try:
        confab, progress = installed_confab(), _show_progress(options.count)
        with rig(confab) as prepared:
            figures = measure(prepared, options.count, progress)
            print(_report(figures, options.count))
            typed = commands.measure(prepared, confab, options.count, progress)
        print(f"\n{table(typed, commands.WAYS)}")
        figures += typed
    except (Unmeasurable, subprocess.CalledProcessError) as error:
        print(f"left out: hooks, or commands ({error})")
    speeds = _masking()
    if options.json:
        options.json.write_text(json.dumps(_as_json(figures, speeds), indent=2) + "\n")
    return 0


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _show_progress(count: int) -> Callable[[int], None]:
    def show(number: int) -> None:
        if sys.stderr.isatty():
            end = "\r" if number < count else "\r\033[K"
            print(f"round {number} of {count}", end=end, file=sys.stderr, flush=True)

    return show


def _report(figures: list[Figure], count: int) -> str:
    bare = [1000 * yardstick for figure in figures for _, yardstick in figure.pairs]
    low, high = quartiles(bare)
    return "\n".join(
        (
            f"{_machine()}; {count} rounds; medians, quartiles in brackets",
            f"1.00 = `python -c pass` = {statistics.median(bare):.1f} ms ({low:.1f}-{high:.1f})",
            "",
            table(figures, WAYS),
        )
    )


def _masking() -> Speeds | None:
    if importlib.util.find_spec("re2") is None:
        print("left out: masking (google-re2 is not installed)")
        return None
    from confab_sync.redaction.re2_engine import Re2Engine

    speeds = redaction.measure(Re2Engine(), megabytes=50, rounds=3)
    print(f"\n{redaction.report(speeds)}")
    return speeds


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _as_json(figures: list[Figure], speeds: Speeds | None) -> dict[str, object]:
    return {
        "machine": _machine(),
        "figures": [figure.as_json() for figure in figures],
        "masking": speeds and speeds.as_json(),
    }


if __name__ == "__main__":
    sys.exit(main())
