"""The course of a soak: sessions and faults at random, an end to both, and the balance."""

from __future__ import annotations

import random
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from integration.faults.faultlog import FaultLog
from integration.soak.chaos import Chaos
from integration.soak.compare import Difference, compared
from integration.soak.finish import finish
from integration.soak.life import Life
from integration.soak.site import Net, Site, end_net, end_site, make_net, make_site

OPEN_AT_ONCE = 4
"""Sessions of one home that are open at the same time."""


@dataclass(slots=True)
class Balance:
    """What came of a soak."""

    sessions: int = 0
    lines: int = 0
    lost: int = 0
    doubled: int = 0
    repaired: int = 0
    left_running: int = 0
    complaints: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, doubled, left or otherwise wrong."""
        return not (self.lost or self.doubled or self.left_running or self.complaints)

    def add(self, life: Life, difference: Difference) -> None:
        """Take one session's comparison into account."""
        self.sessions += 1
        self.lines += life.lines
        self.lost += difference.lost
        self.doubled += difference.doubled
        self.repaired += difference.repaired
        if not difference.is_exact:
            home = life.session.home.path.name
            self.complaints.append(f"{home} {life.session.id}: {difference}")


@dataclass(slots=True)
class Soak:
    """A soak below `directory`, all of whose choices come from `rng`."""

    directory: Path
    executable: Path
    rng: random.Random
    log: FaultLog = field(default_factory=FaultLog)
    sites: list[Site] = field(default_factory=list)
    net: Net | None = None
    balance: Balance = field(default_factory=Balance)

    def run(self, seconds: float) -> Balance:
        """Make homes, work in them for so long, end everything, and strike the balance."""
        try:
            self.net = make_net(self.directory, self.executable, self.log)
            for name, net in (("embedded", None), ("embedded-too", None), ("http", self.net)):
                self.sites.append(make_site(self.directory, self.executable, name, net))
            self._work(seconds)
            self._compare()
        finally:
            for site in self.sites:
                ended = end_site(site)
                self.balance.left_running += ended
            if self.net is not None:
                end_net(self.net)
        return self.balance

    def _work(self, seconds: float) -> None:
        chaos = Chaos(self.rng, self.log, time.monotonic)
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                site = self.rng.choice(self.sites)
                try:
                    if self.rng.random() < 0.12:
                        chaos.strike(site)
                    else:
                        self._live(site)
                except AssertionError as error:
                    self.balance.complaints.append(f"{site.name}: {error}")
                chaos.look(now=time.monotonic())
                time.sleep(self.rng.uniform(0, 0.15))  # pacing, not waiting for anything
        finally:
            chaos.finish()
        finish(self.sites, self.log, self.net)

    def _live(self, site: Site) -> None:
        """One thing that a user or a Claude Code does."""
        if not site.open_lives or (len(site.open_lives) < OPEN_AT_ONCE and self.rng.random() < 0.1):
            ended = [life for life in site.lives if not life.is_open]
            if ended and self.rng.random() < 0.4:
                self.rng.choice(ended).resume()
            else:
                site.lives.append(Life.begun(site.home, self.rng))
            return
        life = self.rng.choice(site.open_lives)
        (act,) = self.rng.choices(list(_ACTS), list(_ACTS.values()))
        if act == "clear":
            site.lives.append(life.clear())
        elif act == "prompt":
            life.session.prompt()
            life.write()
        else:
            getattr(life, act)()

    def _compare(self) -> None:
        for site in self.sites:
            for life in site.lives:
                target = self.directory / "copies" / life.session.id
                difference = compared(life, target, is_sent=site.net is not None)
                self.balance.add(life, difference)
                if difference.is_exact:
                    shutil.rmtree(target, ignore_errors=True)


_ACTS = {
    "write": 40,
    "prompt": 14,
    "write_subagent": 12,
    "write_in_part": 8,
    "write_side_file": 5,
    "move": 3,
    "end": 4,
    "clear": 2,
}
"""What a session does, and how often in comparison."""
