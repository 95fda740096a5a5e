"""One server for the whole suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .target import Target, chosen_target


@pytest.fixture(scope="package")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The server that is tested."""
    with chosen_target(tmp_path_factory.mktemp("server")) as found:
        yield found
