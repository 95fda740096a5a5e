"""Where the files of one open session go, with everything that keeps account of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confab_sync.backends.protocol import Backend
    from confab_sync.engine.ledger import Ledger
    from confab_sync.engine.report import Meter


@dataclass(frozen=True, slots=True)
class Destination:
    """A session at a backend: `session_id` is its id there."""

    backend: Backend
    session_id: str
    ledger: Ledger
    meter: Meter
