"""`python -m bench.redaction`: how fast masking is, and how it grows with what it is given.

`make bench` prints the same tables behind those of the hooks.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from tempfile import NamedTemporaryFile

from bench.copying import Hand, copy, to_server, to_store
from bench.hard_lines import hard_lines
from bench.transcripts import realistic
from confab_sync.redaction.configured import build
from confab_sync.redaction.engine import Engine
from confab_sync.redaction.masker import Masker
from confab_sync.redaction.re2_engine import Re2Engine
from confab_sync.redaction.re_engine import ReEngine

MEGABYTE = 1_000_000
FASTEST = {"re2": 80.0, "re": 0.0}
"""MB/s that copying with masking has to reach on realistic lines, by engine."""
HARDEST = {"re2": 20.0, "re": 0.0}
"""The same for each kind of line that was made to be slow."""
SHOWN = 16
"""Kinds of hard lines that the table names, the slowest first."""
SHARE = 0.5
"""Of the speed without masking, which has to be left."""


@dataclass(frozen=True, slots=True)
class Copying:
    """One way of copying realistic lines: MB/s without masking and with it, by round."""

    way: str
    without: tuple[float, ...]
    masked: tuple[float, ...]

    @property
    def share(self) -> float:
        """The part of the speed that masking leaves: the median over rounds."""
        return statistics.median(
            with_ / without for with_, without in zip(self.masked, self.without, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Hard:
    """One kind of hard line: MB/s, and the time for twice as much over the time for it."""

    kind: str
    speed: float
    growth: float


@dataclass(frozen=True, slots=True)
class Speeds:
    """What one run has measured."""

    engine: str
    megabytes: int
    alone: float
    copying: tuple[Copying, ...]
    hard: tuple[Hard, ...]

    def as_json(self) -> dict[str, object]:
        """Everything, rounded nowhere."""
        return asdict(self)


def measure(engine: Engine, *, megabytes: int, rounds: int, hard_size: int = MEGABYTE) -> Speeds:
    """Mask and copy `megabytes` of realistic lines `rounds` times, then mask hard ones.

    Those have `hard_size` bytes, and then twice as many.

    Times are the CPU seconds of the one thread that works, so that other processes on the
    machine count less; with and without masking take turns.
    """
    masker = build(engine, ())
    with NamedTemporaryFile() as file:
        data = realistic(megabytes * MEGABYTE)
        file.write(data)
        file.flush()
        ways: tuple[tuple[str, Hand], ...] = (
            ("to the store: read, zstd, digest", to_store()),
            ("to a server: read, JSON, zstd", to_server()),
        )
        copying = tuple(
            _copying(way, file.name, len(data), masker, hand, rounds) for way, hand in ways
        )
        alone = _speed(
            len(data), lambda: copy(file.name, None, lambda c: masker.mask_lines(c.data))
        )
    hard = tuple(_hard(masker, kind, make, hard_size) for kind, make in hard_lines())
    return Speeds(engine.name, megabytes, alone, copying, hard)


def report(speeds: Speeds) -> str:
    """The measurements as two tables of at most 100 columns."""
    lines = [
        f"masking with {speeds.engine}, one thread, {speeds.megabytes} MB of realistic lines, "
        "MB/s (medians)",
        f"{'':40}{'without':>9}{'masked':>9}{'target':>8}{'left':>8}{'target':>8}",
    ]
    fastest, hardest = FASTEST[speeds.engine], HARDEST[speeds.engine]
    for each in speeds.copying:
        without, masked = statistics.median(each.without), statistics.median(each.masked)
        over = "" if masked >= fastest and each.share >= SHARE else "  missed"
        lines.append(
            f"{each.way:40}{without:9.0f}{masked:9.0f}{fastest:8.0f}"
            f"{each.share:8.2f}{SHARE:8.2f}{over}"
        )
    lines.append(f"{'reading and masking alone':40}{'':9}{speeds.alone:9.0f}")
    lines += ["", f"{'lines of 1 MB made to be slow':52}{'MB/s':>8}{'target':>8}{'2n / n':>8}"]
    ordered = sorted(speeds.hard, key=lambda each: each.speed)
    for hard in ordered[:SHOWN]:
        over = "" if hard.speed >= hardest else "  missed"
        lines.append(f"{hard.kind:52}{hard.speed:8.1f}{hardest:8.0f}{hard.growth:8.2f}{over}")
    median = statistics.median(each.speed for each in ordered)
    most = max(each.growth for each in ordered)
    summary = f"all {len(ordered)} kinds: median speed, highest growth"
    lines.append(f"{summary:52}{median:8.1f}{'':8}{most:8.2f}")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.redaction", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=50, help="of realistic lines (50)")
    parser.add_argument("--rounds", type=int, default=3, help="how often (3)")
    parser.add_argument("--engine", choices=("re2", "re"), default="re2")
    options = parser.parse_args()
    engine: Engine = Re2Engine() if options.engine == "re2" else ReEngine()
    print(report(measure(engine, megabytes=options.megabytes, rounds=options.rounds)))


def _copying(way: str, path: str, size: int, masker: Masker, hand: Hand, rounds: int) -> Copying:
    pairs = [
        (
            _speed(size, lambda: copy(path, None, hand)),
            _speed(size, lambda: copy(path, masker, hand)),
        )
        for _ in range(rounds)
    ]
    return Copying(way, *(tuple(column) for column in zip(*pairs, strict=True)))


def _hard(masker: Masker, kind: str, make: Callable[[int], bytes], size: int) -> Hard:
    once, twice = make(size), make(2 * size)
    small = _best(lambda: masker.mask_lines(once))
    large = _best(lambda: masker.mask_lines(twice))
    grown = len(twice) / len(once)
    return Hard(kind, len(twice) / MEGABYTE / large, 2 * large / small / grown)


def _speed(size: int, work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return size / MEGABYTE / (time.thread_time() - start)


def _best(work: Callable[[], object], rounds: int = 3) -> float:
    """The shortest of a few times, in CPU seconds; slow work is not repeated."""
    times: list[float] = []
    while len(times) < rounds and sum(times) < 1:
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
