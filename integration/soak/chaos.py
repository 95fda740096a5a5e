"""The faults of the soak: each is asked for, done, seen to have happened, and undone."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from integration.faults.faultlog import Armed, FaultLog
from integration.faults.proxy import DRIP, HALF, RESET_AFTER, RESET_BEFORE
from integration.session import process_exists
from integration.soak.site import Net, Site
from integration.waiting import until

LEAVING_SECONDS = 90.0
"""For a daemon that was asked to end: its budget is 30 s."""


@dataclass(slots=True)
class Chaos:
    """Strikes at random. `clock` is monotonic, in seconds."""

    rng: random.Random
    log: FaultLog
    clock: Callable[[], float]
    undone: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    """When to undo what."""
    leaving: list[tuple[Armed, int]] = field(default_factory=list)
    """Processes that were told to end, by the fault that this is."""

    def strike(self, site: Site) -> None:
        """Let one fault happen in a home, if there is occasion for it."""
        at_home = (
            self._kill_daemon,
            self._terminate_daemon,
            self._kill_client,
            self._stop,
            self._hide_transcript,
            self._remove_registry,
            self._spoil_registry,
            self._touch_config,
        )
        on_the_way = (
            self._break_connection,
            self._break_connection,
            self._refuse,
            self._kill_server,
        )
        self.rng.choice(at_home if site.net is None else at_home + on_the_way)(site)

    def look(self, *, now: float | None = None) -> None:
        """Undo what is due, and see which processes have gone; all of it without `now`."""
        due = [each for each in self.undone if now is None or each[0] <= now]
        self.undone = [each for each in self.undone if each not in due]
        for _, undo in due:
            undo()
        for armed, pid in list(self.leaving):
            if not process_exists(pid):
                self.log.fire(armed)
                self.leaving.remove((armed, pid))

    def finish(self) -> None:
        """All faults are over, and all that were told to go have gone."""
        self.look()

        def gone() -> bool:
            self.look()
            return not self.leaving

        until(gone, "daemons that were told to end have ended", seconds=LEAVING_SECONDS)

    def _later(self, undo: Callable[[], None], seconds: float) -> None:
        self.undone.append((self.clock() + self.rng.uniform(0.2, seconds), undo))

    def _did(self, kind: str, *, really: bool = True) -> None:
        armed = self.log.arm(kind)
        if really:
            self.log.fire(armed)

    def _signal_daemon(self, site: Site, number: signal.Signals) -> None:
        for life in self.rng.sample(site.lives, len(site.lives)):
            pid = site.life_with_daemon(life)
            if pid and not any(pid == leaving for _, leaving in self.leaving):
                self.leaving.append((self.log.arm(f"daemon gets {number.name}"), pid))
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
                return

    def _kill_daemon(self, site: Site) -> None:
        self._signal_daemon(site, signal.SIGKILL)

    def _terminate_daemon(self, site: Site) -> None:
        self._signal_daemon(site, signal.SIGTERM)

    def _kill_client(self, site: Site) -> None:
        if site.open_lives:
            life = self.rng.choice(site.open_lives)
            status = life.kill_client()
            self._did("client gets SIGKILL", really=status == -signal.SIGKILL)

    def _stop(self, site: Site) -> None:
        living = [life for life in site.open_lives if site.life_with_daemon(life)]
        if living:
            life = self.rng.choice(living)
            done = site.home.confab("sync", "stop", life.session.id, check=False)
            marker = life.session.state_file.with_suffix(".off")
            life.is_off = marker.exists()
            # One that has just ended, and of which no line is there, is known to nobody.
            is_unknown = done.returncode != 0 and not life.session.transcript.exists()
            if not (life.is_off or is_unknown):
                print(f"  sync stop {life.session.id}: {done.stdout}{done.stderr}", flush=True)
            self._did("sync stop", really=life.is_off or is_unknown)

    def _hide_transcript(self, site: Site) -> None:
        """Out of reach for a moment: no right to read it, or for root, who has all, elsewhere."""
        found = [life for life in site.open_lives if life.session.transcript.exists()]
        if not found:
            return
        life = self.rng.choice(found)
        path = life.session.transcript
        hidden = path.with_name(path.name + ".hidden")
        life.is_hidden = True
        if os.geteuid() == 0:
            path.rename(hidden)
        else:
            path.chmod(0)
        self._did("transcript out of reach", really=not os.access(path, os.R_OK))

        def reveal() -> None:
            life.is_hidden = False
            if hidden.exists():
                hidden.rename(path)
            else:
                path.chmod(0o600)

        self._later(reveal, 3)

    def _remove_registry(self, site: Site) -> None:
        paths = _registry(site)
        for path in paths:
            path.unlink(missing_ok=True)
        self._did("registry removed", really=True)

    def _spoil_registry(self, site: Site) -> None:
        """Write nonsense over its beginning; some time later the user moves it away."""
        path = site.confab / "registry.db"
        if not path.exists():
            return
        with path.open("r+b") as stream:
            stream.write(b"\xde\xad" * 2048)
        spoiled = os.stat(path).st_ino
        self._did("registry spoiled", really=path.read_bytes()[:2] == b"\xde\xad")

        def move_away() -> None:
            if path.exists() and os.stat(path).st_ino == spoiled:
                for each in _registry(site):
                    each.unlink(missing_ok=True)

        self._later(move_away, 5)

    def _touch_config(self, site: Site) -> None:
        path = site.confab / "config.json"
        fresh = path.with_suffix(".soak")
        fresh.write_bytes(path.read_bytes())
        fresh.chmod(0o600)
        before = os.stat(path).st_ino
        fresh.rename(path)
        self._did("config written", really=os.stat(path).st_ino != before)

    def _break_connection(self, site: Site) -> None:
        net = site.net
        living = [life for life in site.open_lives if not life.is_off]
        if net is None or net.is_refusing or not living:
            return
        kind = self.rng.choice((RESET_BEFORE, RESET_AFTER, HALF, DRIP))
        net.proxy.arm(kind)
        self.rng.choice(living).write()

    def _refuse(self, site: Site) -> None:
        net = site.net
        if net is not None and not net.is_refusing:
            net.is_refusing = True
            net.proxy.refuse()
            self._later(lambda: _listen_again(net), 4)

    def _kill_server(self, site: Site) -> None:
        net = site.net
        if net is not None and net.server.process is not None:
            process = net.server.process
            net.server.kill()
            self._did("server gets SIGKILL", really=process.returncode == -signal.SIGKILL)
            self._later(net.server.start, 4)


def _registry(site: Site) -> list[Path]:
    return [site.confab / f"registry.db{suffix}" for suffix in ("", "-wal", "-shm", ".lock")]


def _listen_again(net: Net) -> None:
    net.proxy.listen_again()
    net.is_refusing = False
