"""Where the sessions of a scenario go, and in whose home their copy lies."""

from dataclasses import dataclass
from typing import Protocol

from integration.home import Home
from integration.server import Server


class Backend(Protocol):
    """A kind of backend that every scenario runs over."""

    def configure(self, home: Home) -> None:
        """Say in a home that is set up that its sessions go there."""

    def home_of_store(self, home: Home) -> Home:
        """The home in which `confab session download` finds the sessions of `home`."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """The store in the user's own home, which is there without any configuration."""

    def configure(self, home: Home) -> None:
        """Leave everything as it is."""

    def home_of_store(self, home: Home) -> Home:
        """The same home."""
        return home


@dataclass(frozen=True, slots=True)
class Served:
    """A `confab serve` in another home, and a key of its owner."""

    server: Server
    key: str

    def configure(self, home: Home) -> None:
        """Log in with the key."""
        login = ("login", "--backend-url", self.server.url, "--api-key-stdin")
        home.confab(*login, typed=f"{self.key}\n")

    def home_of_store(self, home: Home) -> Home:
        """The home of the server, whose owner's sessions these are."""
        return self.server.home
