"""A TCP proxy on loopback that breaks connections at chosen moments."""

from __future__ import annotations

import select
import socket
import struct
import threading
from dataclasses import dataclass

from integration.faults.faultlog import Armed, FaultLog

REFUSED = "refused"
RESET_BEFORE = "reset before the request was forwarded"
RESET_AFTER = "reset after the request was carried out"
HALF = "half an answer"
DRIP = "slow drip"
SILENCE = "silence"

CHUNK = b"POST /api/v1/sync/chunk"
_DRIP_SECONDS = 1.0
_ABORT = struct.pack("ii", 1, 0)
_PIECE = 65536


@dataclass(frozen=True, slots=True)
class _Trap:
    """A fault that waits for a request whose first line begins with `match`."""

    armed: Armed
    match: bytes


class Proxy:
    """Hands bytes on to the server at `upstream`, a port on loopback, until a fault is armed."""

    def __init__(self, upstream: int, log: FaultLog) -> None:
        self._upstream = upstream
        self._log = log
        self._traps: list[_Trap] = []
        self._over = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = _listening(0)
        self.port: int = self._listener.getsockname()[1]
        self._accept(self._listener)

    @property
    def url(self) -> str:
        """What a client has as its backend_url."""
        return f"http://127.0.0.1:{self.port}"

    def arm(self, kind: str, times: int | None = 1, match: bytes = CHUNK) -> Armed:
        """Let the next requests that begin with `match` run into a fault."""
        trap = _Trap(self._log.arm(kind, times), match)
        self._traps.append(trap)
        return trap.armed

    def disarm(self) -> None:
        """Let all requests pass from now on."""
        self._traps.clear()

    def refuse(self) -> None:
        """Listen no more and end all connections; logged once a connection is really refused."""
        armed = self._log.arm(REFUSED)
        _close(self._listener)
        for connection in list(self._open):
            _reset(connection)
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except ConnectionRefusedError:
            self._log.fire(armed)

    def listen_again(self) -> None:
        """Take connections at the same port again."""
        self._listener = _listening(self.port)
        self._accept(self._listener)

    def close(self) -> None:
        """End everything."""
        self._over.set()
        _close(self._listener)
        for connection in list(self._open):
            _reset(connection)

    def _accept(self, listener: socket.socket) -> None:
        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:  # closed
                    return
                threading.Thread(target=self._relay, args=(client,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        try:
            server = socket.create_connection(("127.0.0.1", self._upstream))
        except OSError:
            _reset(client)
            return
        self._open |= {client, server}
        try:
            self._hand_on(client, server)
        except (OSError, ValueError):  # either side has gone, or was closed here meanwhile
            pass
        finally:
            self._open -= {client, server}
            client.close()
            server.close()

    def _hand_on(self, client: socket.socket, server: socket.socket) -> None:
        trap: _Trap | None = None
        while not self._over.is_set():
            readable, _, _ = select.select([client, server], [], [], 0.5)
            for source in readable:
                data = source.recv(_PIECE)
                if not data:
                    return
                if source is client:
                    trap = self._trap_for(data) or trap
                    if trap is not None and trap.armed.kind == RESET_BEFORE:
                        _reset(client)
                        return
                    server.sendall(data)
                elif trap is not None:
                    self._spoil(client, data, trap.armed.kind)
                    return
                else:
                    client.sendall(data)

    def _trap_for(self, data: bytes) -> _Trap | None:
        for trap in list(self._traps):
            if data.startswith(trap.match) and self._log.fire(trap.armed):
                return trap
        return None

    def _spoil(self, client: socket.socket, answer: bytes, kind: str) -> None:
        """The server has done its work; its answer does not arrive as it was."""
        if kind == RESET_AFTER:
            _reset(client)
        elif kind == HALF:
            client.sendall(answer[: len(answer) // 2])
        elif kind == DRIP:
            for byte in answer:
                client.sendall(bytes([byte]))
                if self._over.wait(_DRIP_SECONDS):
                    return
        elif kind == SILENCE:
            while not self._over.wait(0.2):
                if select.select([client], [], [], 0)[0] and not client.recv(_PIECE):
                    return


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def _close(listener: socket.socket) -> None:
    """Close a socket on which another thread may be waiting, and wake that thread."""
    try:
        listener.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    listener.close()


def _reset(connection: socket.socket) -> None:
    """End a connection with a reset instead of a farewell."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
        connection.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    connection.close()
