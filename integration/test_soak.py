"""A short soak with real processes: nothing lost, nothing doubled, nothing left running."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from integration.soak.run import Soak

SEED = 20260301


@pytest.mark.timeout(600)
def test_a_short_soak_loses_and_doubles_nothing(confab: Path, tmp_path: Path) -> None:
    soak = Soak(tmp_path, confab, random.Random(SEED))
    balance = soak.run(15)
    assert balance.is_good, balance
    assert balance.lines > 0
    soak.log.assert_all_fired()
