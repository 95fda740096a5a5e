"""A `confab serve` of the installed executable, which can be killed and started again."""

import signal
import subprocess
import sys
from dataclasses import dataclass, field

from integration.home import Home
from integration.waiting import until

_ASK = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10)"


@dataclass
class Server:
    """One user's server; it keeps its port when it is started again."""

    home: Home
    port: int = 0
    url: str = ""
    process: "subprocess.Popen[str] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self.process = self.popen()
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        assert said.startswith("confab serve: http://127.0.0.1:"), said
        self.url = said.split()[-1]
        self.port = int(self.url.rpartition(":")[2])
        until(self._is_healthy, "the server answers")

    def popen(self) -> "subprocess.Popen[str]":
        """Start `confab serve` at its port."""
        return subprocess.Popen(
            [*self.home.inside, str(self.home.executable), "serve", "--port", str(self.port)],
            env=self.home.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; returns its exit status."""
        return self._end(signal.SIGTERM)

    def key(self, name: str) -> str:
        """Return a new key of the owner."""
        return self.home.confab("serve", "keys", "add", name).stdout.strip()

    def _end(self, number: int) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        status = process.wait(timeout=60)
        assert process.stdout is not None
        with process.stdout as stdout:
            said = stdout.read()
        assert "Traceback" not in said, said
        return status

    def _is_healthy(self) -> bool:
        """Ask from where the server runs, which may be a network of its own."""
        ask = [*self.home.inside, sys.executable, "-I", "-c", _ASK, f"{self.url}/health"]
        done = subprocess.run(ask, env=self.home.environ, stderr=subprocess.DEVNULL, check=False)
        return done.returncode == 0
