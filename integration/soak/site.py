"""One user's home in the soak, with the store or the server that its sessions go to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from integration.faults.faultlog import FaultLog
from integration.faults.proxy import Proxy
from integration.home import Home
from integration.server import Server
from integration.soak.life import Life


@dataclass(slots=True)
class Net:
    """A server that may be killed, and the proxy through which everybody speaks to it."""

    server: Server
    proxy: Proxy
    is_refusing: bool = False


@dataclass(slots=True)
class Site:
    """A user: `net` is None where the store is embedded. `lives` are all sessions ever begun."""

    name: str
    home: Home
    net: Net | None = None
    lives: list[Life] = field(default_factory=list)

    @property
    def confab(self) -> Path:
        """Where confab keeps its files."""
        return self.home.path / ".confab"

    @property
    def open_lives(self) -> list[Life]:
        """The sessions whose client lives."""
        return [life for life in self.lives if life.is_open]

    def life_with_daemon(self, life: Life) -> int:
        """The pid of the daemon of a session; 0 when there is none."""
        pid = int((life.session.state or {}).get("pid", 0))
        return pid if pid in {process.pid for process in self.home.daemons()} else 0


def make_net(directory: Path, executable: Path, log: FaultLog) -> Net:
    """A running server in a home of its own, behind a proxy."""
    server = Server(Home.create(directory / "server", executable))
    server.start()
    return Net(server, Proxy(server.port, log))


def make_site(directory: Path, executable: Path, name: str, net: Net | None) -> Site:
    """A home with confab set up in it."""
    home = Home.create(directory / name, executable)
    if net is None:
        home.confab("setup", "--no-import")
    else:
        key = net.server.key(name)
        url = net.proxy.url
        home.confab(
            "setup", "--no-import", "--backend-url", url, "--api-key-stdin", typed=key + "\n"
        )
    return Site(name, home, net)


def end_site(site: Site) -> int:
    """End everything that still runs in the home; how many processes that were."""
    for life in site.lives:
        life.kill_client()
    return len(site.home.end_processes())


def end_net(net: Net) -> None:
    """End the server and the proxy."""
    net.proxy.close()
    net.server.kill()
    net.server.home.end_processes()
