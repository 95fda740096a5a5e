"""Terminals for interactive clients: a tmux server with a socket of its own."""

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from integration import requirements
from integration.claude_code.namespace import LoopbackOnly, guarded

_PAUSE_BEFORE_ENTER = 0.4
"""Seconds: keys that come at once with Enter are taken for a paste."""


class TerminalServer:
    """A tmux server inside the namespace; a holder window keeps it when every other closed."""

    def __init__(self, namespace: LoopbackOnly, socket: Path) -> None:
        self._tmux = [requirements.tool("tmux"), "-S", str(socket), "-f", "/dev/null"]
        holder = ["new-session", "-d", "-x", "180", "-y", "50", "-s", "holder", "cat"]
        options = [";", "set-option", "-g", "remain-on-exit", "on"]
        options += [";", "set-option", "-g", "history-limit", "20000"]
        subprocess.run(namespace.inside(*self._tmux, *holder, *options), check=True)

    def open(self, command: list[str], environ: dict[str, str], cwd: Path) -> "Terminal":
        """Open a terminal that runs `command` with exactly this environment."""
        clean = ["env", "-i", *(f"{name}={value}" for name, value in environ.items())]
        pane, pid = self.run(
            *("new-window", "-d", "-P", "-F", "#{pane_id} #{pane_pid}", "-c", str(cwd)),
            *guarded(*clean, *command),
        ).split()
        return Terminal(self, pane, int(pid))

    def run(self, *arguments: str) -> str:
        """Run one tmux command and return what it prints."""
        done = subprocess.run([*self._tmux, *arguments], check=True, capture_output=True, text=True)
        return done.stdout

    def close(self) -> None:
        """End this server and every terminal it still has."""
        self.run("kill-server")


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal; `pid` is the program in it, since every wrapper before it has exec'ed."""

    server: TerminalServer
    pane: str
    pid: int

    def type_line(self, text: str) -> None:
        """Type one line of text and press Enter."""
        self.server.run("send-keys", "-t", self.pane, "-l", text)
        time.sleep(_PAUSE_BEFORE_ENTER)
        self.press("Enter")

    def press(self, key: str) -> None:
        """Press one key, by tmux's name for it."""
        self.server.run("send-keys", "-t", self.pane, key)

    def screen(self) -> str:
        """Return everything that was shown so far, also after the program ended."""
        return self.server.run("capture-pane", "-p", "-J", "-S", "-", "-t", self.pane)

    def close(self) -> None:
        """Close the terminal as a user closes its window: the program gets a hang-up."""
        self.server.run("kill-pane", "-t", self.pane)
