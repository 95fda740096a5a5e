"""Where the files of one open session go, with everything that keeps account of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.ledger import Ledger
    from confab_sync.engine.report import Meter
    from confab_sync.store.values import ChunkMetadata


@dataclass(frozen=True, slots=True)
class Destination:
    """A session at a backend: `session_id` is its id there.

    `describe` says what lines of a file of some kind tell of the session.
    """

    backend: Backend
    session_id: str
    ledger: Ledger
    meter: Meter
    describe: Callable[[str, bytes], ChunkMetadata]
