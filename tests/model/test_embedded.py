"""Whatever happens, the embedded store has every line once and in order, and masks secrets."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from confab_sync.redaction.configured import masker_from
from confab_sync.redaction.masker import Masker
from tests.model.copies import Copies, copies
from tests.model.engines import NOW, Engine, embedded
from tests.model.files import SESSION
from tests.model.machine import SECRET, DyingForReal
from tests.model.profile import chosen


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


TestEmbedded = Embedded.TestCase
TestEmbedded.settings = chosen(100)
TestMasking = Masking.TestCase
TestMasking.settings = chosen(60)
