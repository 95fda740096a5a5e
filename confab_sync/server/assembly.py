"""Makes the parts that a server shares, and lets go of them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from confab_sync.server.assets import read_assets
from confab_sync.server.bodies import Bodies
from confab_sync.server.changes import Changes
from confab_sync.server.counting import Counter
from confab_sync.server.event_stream import Streams
from confab_sync.server.local import Local
from confab_sync.server.pool import StorePool
from confab_sync.server.searching import Searching, index_beside
from confab_sync.server.services import Services
from confab_sync.server.templates import Templates
from confab_sync.server.used import Used
from confab_sync.store.index import SearchIndex
from confab_sync.store.watching import StoreWatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from confab_sync.server.rates import Rates
    from confab_sync.server.site import Site
    from confab_sync.store.store import Store


@contextmanager
def assembled(
    store_path: str,
    open_store: Callable[[], Store],
    *,
    site: Site,
    rates: Rates,
    clock: Callable[[], datetime],
    random: Callable[[int], bytes] = os.urandom,
    bodies: Bodies | None = None,
    local: Local | None = None,
) -> Iterator[Services]:
    """The parts of a server of the store at `store_path`, while the block lasts."""
    assets = read_assets()
    here = local or Local()
    pool = StorePool(open_store)
    searching = Searching.of(pool, open_store, store_path)
    counter = Counter(open_store, lambda: SearchIndex(index_beside(store_path)))
    watch = StoreWatch(store_path)
    try:
        yield Services(
            pool=pool,
            searching=searching,
            counter=counter,
            used=Used(searching.index),
            bodies=bodies or Bodies(),
            rates=rates,
            site=site,
            clock=clock,
            random=random,
            assets=assets,
            templates=Templates(assets, clock),
            changes=Changes((watch.mark, here.mark, counter.mark)),
            streams=Streams(),
            local=here,
        )
    finally:
        watch.close()  # before the last of the others, which has to do it under the lock
        counter.close()
        searching.close()
        pool.close()
