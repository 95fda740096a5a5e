"""Both engines find the same, and neither can be made slow."""

from __future__ import annotations

import pytest

from bench.hard_lines import hard_lines
from confab_sync.redaction.configured import default_engine
from confab_sync.redaction.engine import EveryLine
from confab_sync.redaction.masker import Masker
from confab_sync.redaction.rules import RULES
from confab_sync.redaction.scanner import Scanner
from tests.redaction.maskers import ENGINES, CountingEngine, Work, engine


def work(name: str, line: bytes) -> Work:
    counting = CountingEngine(engine(name))
    Masker(Scanner(counting, RULES, (), by_name=True), EveryLine()).mask_lines(line)
    return counting.work


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("kind", [kind for kind, _ in hard_lines()])
def test_twice_the_text_is_at_most_twice_the_work(name: str, kind: str) -> None:
    make = dict(hard_lines())[kind]
    once, twice = work(name, make(20_000)), work(name, make(40_000))
    assert twice.bytes_read <= 2.1 * once.bytes_read + 100
    assert twice.matches <= 2.1 * once.matches + 10
    assert once.bytes_read <= 20 * 20_000


def test_re2_is_used_where_it_is_installed() -> None:
    pytest.importorskip("re2")
    assert default_engine().name == "re2"


@pytest.mark.parametrize("name", ENGINES)
def test_the_finder_gives_whole_lines_each_once_and_in_order(name: str) -> None:
    finder = engine(name).finder((["needle", "pin"], ["nail"]))
    data = b"hay\nneedle pin nail\n\nstraw nail\nlast needle"
    found = [data[start:end] for start, end in finder.lines(data)]
    wanted = [b"needle pin nail", b"straw nail", b"last needle"]
    assert [line for line in found if line in wanted] == wanted
    assert name == "re" or found == wanted
