"""`python -m bench.redaction`: how fast masking is, and how it grows with what it is given."""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable, Iterable

from bench.transcripts import adversarial, realistic
from confab_sync.redaction.configured import build
from confab_sync.redaction.engine import Engine
from confab_sync.redaction.re2_engine import Re2Engine
from confab_sync.redaction.re_engine import ReEngine

MEGABYTE = 1_000_000
BLOCK = 2 * 1024 * 1024


def main() -> None:
    """Print two tables: realistic transcripts, and lines made to be slow."""
    parser = argparse.ArgumentParser(prog="python -m bench.redaction", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100, help="of realistic lines (100)")
    parser.add_argument("--engine", choices=("re2", "re"), default="re2")
    options = parser.parse_args()
    engine: Engine = Re2Engine() if options.engine == "re2" else ReEngine()
    masker = build(engine, ())
    blocks = _blocks(realistic(options.megabytes * MEGABYTE))
    size = sum(map(len, blocks))
    print(f"{options.engine}, {size / MEGABYTE:.0f} MB of realistic lines in blocks of 2 MiB")
    # Hashing stands for the least that sending does with every byte.
    without = _best(lambda: _each(blocks, lambda block: hashlib.sha256(block).digest()))
    masking = _best(lambda: _each(blocks, masker.mask_lines))
    both = _best(
        lambda: _each(blocks, lambda b: hashlib.sha256(masker.mask_lines(b).data).digest())
    )
    for name, seconds in (("SHA-256", without), ("masking", masking), ("both", both)):
        print(f"  {name:10} {size / MEGABYTE / seconds:7.0f} MB/s")
    print(f"\n{'lines of 1 MB made to be slow':32} {'MB/s':>7}  {'time for 2n / n':>15}")
    for name, make in adversarial():
        once, twice = make(MEGABYTE), make(2 * MEGABYTE)
        small = _best(lambda line=once: masker.mask_lines(line))  # type: ignore[misc]
        large = _best(lambda line=twice: masker.mask_lines(line))  # type: ignore[misc]
        print(f"  {name:30} {len(twice) / MEGABYTE / large:7.1f}  {large / small:15.2f}")


def _blocks(data: bytes) -> list[bytes]:
    """Whole lines, about `BLOCK` bytes at a time, as the engine reads them."""
    blocks = []
    start = 0
    while start < len(data):
        end = data.find(b"\n", min(start + BLOCK, len(data) - 1)) + 1
        blocks.append(data[start:end])
        start = end
    return blocks


def _each(blocks: Iterable[bytes], work: Callable[[bytes], object]) -> None:
    for block in blocks:
        work(block)


def _best(work: Callable[[], object], rounds: int = 3) -> float:
    """The shortest of a few wall times, in seconds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()
