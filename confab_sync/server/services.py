"""What the parts of the server share, handed to each of them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync import wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from confab_sync.server.assets import Asset
    from confab_sync.server.bodies import Bodies
    from confab_sync.server.changes import Changes
    from confab_sync.server.counting import Counter
    from confab_sync.server.event_stream import Streams
    from confab_sync.server.local import Local
    from confab_sync.server.pool import StorePool
    from confab_sync.server.rates import Rates
    from confab_sync.server.searching import Searching
    from confab_sync.server.site import Site
    from confab_sync.server.templates import Templates
    from confab_sync.server.used import Used


@dataclass(frozen=True, slots=True)
class Services:
    """One server's parts; `random` gives so many unpredictable bytes."""

    pool: StorePool
    searching: Searching
    counter: Counter
    used: Used
    bodies: Bodies
    rates: Rates
    site: Site
    clock: Callable[[], datetime]
    random: Callable[[int], bytes]
    assets: Mapping[str, Asset]
    templates: Templates
    changes: Changes
    streams: Streams
    local: Local


def new_key(random: Callable[[int], bytes]) -> str:
    """A new API key (contract §1.3)."""
    return wire.KEY_PREFIX + base64.urlsafe_b64encode(random(30)).decode()
