"""Ending a soak: no more faults, whole lines, and hooks that bring across what is left."""

from __future__ import annotations

from integration.faults.faultlog import FaultLog
from integration.soak.life import Life
from integration.soak.site import Net, Site
from integration.waiting import NeverHappened, until

FIRING_SECONDS = 60.0
"""For broken connections that were asked for and had no occasion yet."""

QUIET_SECONDS = 180.0
"""For daemons, and for who finishes what others left, to leave after the last end."""


def finish(sites: list[Site], log: FaultLog, net: Net | None) -> None:
    """Let everything come to rest: what is behind afterwards is lost."""
    _let_armed_faults_fire(sites, log)
    if net is not None:
        net.proxy.disarm()
    for site in sites:
        for life in site.lives:
            life.complete_lines()
            if life.is_open:
                life.end()
        # What a user stopped stays off until its next start.
        for life in site.lives:
            if life.is_off:
                life.resume()
                life.end()
    for site in sites:
        _last_hook(site)


def _let_armed_faults_fire(sites: list[Site], log: FaultLog) -> None:
    """Write until every broken connection has been seen to break."""

    def all_fired() -> bool:
        if all(armed.is_observed for armed in log.faults):
            return True
        for site in sites:
            if site.net is not None:
                life = next((life for life in site.open_lives if not life.is_off), None)
                if life is None:
                    life = Life.begun(site.home, site.lives[0].rng)
                    site.lives.append(life)
                life.session.prompt()
                life.write()
        return False

    try:
        until(all_fired, "armed faults have fired", seconds=FIRING_SECONDS, pause=0.5)
    except NeverHappened:
        pass  # the table of faults says so


def _last_hook(site: Site) -> None:
    """One more session begins and ends; nothing else is done for those before it."""
    life = Life.begun(site.home, site.lives[0].rng)
    site.lives.append(life)
    life.write()
    life.end()
    _until_nobody_works(site)
    if not any(command.startswith("save") for command in _commands(site)):
        site.home.confab("setup", "--import", check=False)
        _until_nobody_works(site)


def _commands(site: Site) -> list[str]:
    return [line.strip() for line in site.home.confab("--help").stdout.splitlines()]


def _until_nobody_works(site: Site) -> None:
    """Wait until no process is left; one after the other may finish what others left."""
    try:
        site.home.until_no_process_is_left(seconds=QUIET_SECONDS)
    except NeverHappened:
        pass  # what still runs at the end is counted
