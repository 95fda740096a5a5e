"""`make bench`: measure, print one table, and say what was left out."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench import document, growth, masking
from bench.drawing import svg
from bench.machine import machine
from bench.missing import Unmeasurable
from bench.redaction import report
from bench.subjects import peer, revision, this_checkout
from bench.tables import table
from bench.works import works

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.figures import Figure
    from bench.redaction import Speeds
    from bench.subjects import Subject
    from bench.works import Work

MASKING = "masking"
GROWTH = "growth"


@dataclass(slots=True)
class Found:
    """What one run has measured, and what it had to leave out."""

    figures: list[Figure] = field(default_factory=list)
    speeds: Speeds | None = None
    left_out: list[str] = field(default_factory=list)

    def leave_out(self, what: str, reason: object) -> None:
        """Say at once, and remember, that something is not measured."""
        self.left_out.append(f"{what} ({reason})")
        print(f"left out: {self.left_out[-1]}", flush=True)


def main() -> int:
    """Run the measurements that the command line asks for; 0 whatever they come to."""
    options = _parser().parse_args()
    # Whoever ends the bench ends what it has started as well.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    found = Found()
    with ExitStack() as stack:
        subjects = _subjects(options, found, stack)
        names = [subject.name for subject in subjects]
        chosen = options.works or _names()
        for work in works(is_full=options.full):
            if work.name in chosen:
                _measure(work, subjects, options.count, found)
        if MASKING in chosen and subjects:
            _measure_masking(subjects[0], found)
        if GROWTH in chosen and options.plots and subjects:
            _draw(options.plots, subjects[0], found)
    if found.figures:
        print(f"\n{machine()}; medians, quartiles in brackets\n")
        print(table(found.figures, names))
    if found.speeds:
        print(f"\n{report(found.speeds)}")
    if options.json:
        options.json.write_text(json.dumps(_as_json(found), indent=2, ensure_ascii=False) + "\n")
    if options.write:
        document.write(options.write, found.figures, names, found.left_out)
    return 0


def _parser() -> argparse.ArgumentParser:
    abouts = [
        *((work.name, work.about) for work in works()),
        (MASKING, "the masker alone, and lines made to be slow"),
        (GROWTH, "the growth curves, with --plots"),
    ]
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="works:\n" + "\n".join(f"  {name:16}{about}" for name, about in abouts),
    )
    parser.add_argument(
        "works", nargs="*", metavar="WORK", type=_known_work, help="only these works"
    )
    parser.add_argument("--count", type=_positive, default=20, help="rounds of short works (20)")
    parser.add_argument(
        "--full",
        action="store_true",
        help="pages: beside 10,000 sessions and 5 GB, wants 5 GB of space",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every sample to FILE")
    parser.add_argument("--peer", metavar="CMD", help="another confab, as a further column")
    parser.add_argument("--compare", metavar="REF", help="another revision, as a further column")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw the growth curves there")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the table between FILE's markers"
    )
    return parser


def _names() -> list[str]:
    return [*(work.name for work in works()), MASKING, GROWTH]


def _known_work(text: str) -> str:
    if text not in _names():
        raise argparse.ArgumentTypeError(f"there is no work {text!r}")
    return text


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _subjects(options: argparse.Namespace, found: Found, stack: ExitStack) -> list[Subject]:
    """Everybody who is measured; whoever is missing is left out."""
    wanted: list[tuple[str, Callable[[], Subject]]] = [("confab", this_checkout)]
    if options.compare:
        wanted.append((options.compare, lambda: stack.enter_context(revision(options.compare))))
    if options.peer:
        wanted.append(("the peer", lambda: peer(options.peer)))
    else:
        found.leave_out("a peer, such as the Go CLI", "--peer names none")
    subjects = []
    for what, build in wanted:
        try:
            subjects.append(build())
        except Unmeasurable as reason:
            found.leave_out(what, reason)
    return subjects


def _measure(work: Work, subjects: list[Subject], count: int, found: Found) -> None:
    """One work, by one subject after the other."""
    for subject in subjects:
        title = work.name if len(subjects) == 1 else f"{work.name}, {subject.name}"
        print(f"{title}: {work.about}", flush=True)
        try:
            found.figures += work.measure(subject, count, _progress(count))
        except (Unmeasurable, OSError, subprocess.SubprocessError) as reason:
            found.leave_out(title, reason)


def _measure_masking(subject: Subject, found: Found) -> None:
    print(f"{MASKING}: the masker alone, and lines made to be slow", flush=True)
    try:
        found.speeds = masking.speeds()
    except Unmeasurable as reason:
        found.leave_out(MASKING, reason)
    else:
        found.figures += masking.figures(found.speeds, subject.name)


def _draw(directory: Path, subject: Subject, found: Found) -> None:
    """The growth curves of this checkout; nothing is drawn of what is not measured whole."""
    for name, measure in growth.curves():
        print(f"{name}: a growth curve", flush=True)
        try:
            curve = measure(subject)
        except (Unmeasurable, OSError, subprocess.SubprocessError) as reason:
            found.leave_out(name, reason)
        else:
            (directory / f"{name}.svg").write_text(svg(curve), encoding="utf-8")


def _progress(count: int) -> Callable[[int], None]:
    def show(number: int) -> None:
        if sys.stderr.isatty():
            end = "\r" if number < count else "\r\033[K"
            print(f"round {number} of {count}", end=end, file=sys.stderr, flush=True)

    return show


def _as_json(found: Found) -> dict[str, object]:
    return {
        "machine": machine(),
        "figures": [figure.as_json() for figure in found.figures],
        "masking": found.speeds and found.speeds.as_json(),
        "left_out": found.left_out,
    }


if __name__ == "__main__":
    sys.exit(main())
