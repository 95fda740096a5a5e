"""Whatever happens, the embedded store has every line once and in order, and masks secrets."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis.stateful import run_state_machine_as_test

from confab_sync.redaction.configured import masker_from
from confab_sync.redaction.masker import Masker
from tests.model.copies import Copies, copies
from tests.model.engines import NOW, Engine, embedded
from tests.model.files import SESSION
from tests.model.machine import SECRET, DyingForReal
from tests.model.profile import PATIENCE, chosen


@lru_cache(maxsize=1)
def masker() -> Masker:
    found = masker_from(None)
    assert found is not None
    return found


@lru_cache(maxsize=4096)
def masked(line: bytes) -> bytes:
    return masker().mask_lines(line).data


class Embedded(DyingForReal):
    """The store in process, as it is without any server."""

    masker: Masker | None = None

    def engine_in(self, directory: Path) -> Engine:
        store = str(directory / "store.db")
        return Engine(directory, SESSION, embedded(store), self.masker)

    def copied(self) -> Copies:
        return copies(str(self.directory / "store.db"), SESSION, NOW)


class Masking(Embedded):
    """The same behind the masker: lines change their length, positions must not."""

    masker = masker()

    def as_copied(self, line: bytes) -> bytes:
        assert SECRET not in masked(line)
        return masked(line)

    def side_as_copied(self, data: bytes) -> bytes:
        return masker().mask_bytes(data).data


@pytest.mark.timeout(PATIENCE)
def test_store_has_every_line_once_and_in_order_whatever_happens() -> None:
    run_state_machine_as_test(Embedded, settings=chosen(150))


@pytest.mark.timeout(PATIENCE)
def test_masked_copy_stands_at_the_positions_of_the_unmasked_file() -> None:
    run_state_machine_as_test(Masking, settings=chosen(100))
