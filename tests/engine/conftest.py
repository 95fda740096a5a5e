"""A session's files and its engine for every test that takes `bench`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.factories import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """What is open of it is closed when the test is over."""
    bench = Bench(tmp_path)
    yield bench
    bench.close()
