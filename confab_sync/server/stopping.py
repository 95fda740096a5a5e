"""A uvicorn server that ends the pages' open streams before it waits for open requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket

    from confab_sync.server.changes import Changes


class StoppingServer(uvicorn.Server):
    """Stops within moments although browsers hold live pages open."""

    def __init__(self, config: uvicorn.Config, changes: Changes) -> None:
        super().__init__(config)
        self._changes = changes

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more requests and let those that are open end."""
        self._changes.end()
        await super().shutdown(sockets)
