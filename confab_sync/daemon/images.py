"""How a daemon's process goes on as another image: small, renewed, or waking the finisher."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

from confab_sync.daemon.becoming import become
from confab_sync.daemon.messages import Signalled
from confab_sync.presence import departure, lock, orphans, spawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.daemon.log import Log
    from confab_sync.daemon.messages import Mailbox
    from confab_sync.daemon.package import Package
    from confab_sync.daemon.signal_watch import SignalWatch
    from confab_sync.daemon.status import Status
    from confab_sync.paths import SessionPaths
    from confab_sync.process import Processes


class Images:
    """The other images that the large one can become. `let_go` closes what it has open."""

    def __init__(
        self,
        paths: SessionPaths,
        package: Package,
        mailbox: Mailbox,
        signals: SignalWatch,
        status: Status,
        log: Log,
        let_go: Callable[[], None],
    ) -> None:
        self._paths = paths
        self._package = package
        self._mailbox = mailbox
        self._signals = signals
        self._status = status
        self._log = log
        self._let_go = let_go

    def rest(self, known: int) -> None:
        """Become the small image, unless a signal came at the last moment."""
        if not self._package.is_mine():
            self.renew(0)
        self._signals.stop()
        if not self._mailbox.is_empty():
            self._signals.start()
            return
        self._log.write("resting")
        self._status.phase("resting" if known else "waiting")
        self._become(spawn.daemon_command("rest", self._paths, str(known)))

    def renew(self, unobeyed: int) -> NoReturn:
        """Become the large image of the package that is installed now.

        Signals that were taken and not obeyed to the end, `unobeyed` among them, are pending
        again for it.
        """
        self._signals.stop()
        numbers = {unobeyed} if unobeyed else set[int]()
        while not self._mailbox.is_empty():
            message = self._mailbox.take(0)
            if isinstance(message, Signalled):
                numbers.add(message.number)
        for number in numbers:
            os.kill(os.getpid(), number)
        self._log.write("replaced")
        if not self._package.is_whole():
            self._log.write("uninstalled")
            departure.abandon(self._paths, lock.LOCK_FD)
            os._exit(1)
        self._become(spawn.daemon_command("work", self._paths))

    def _become(self, command: list[str]) -> NoReturn:
        """Go on as another image of the same process, with its lock and pending signals."""
        self._let_go()
        become(command, lambda error: self._log.failure("image_broke", error))

    def wake_finisher(self, processes: Processes, *, was_due: bool) -> None:
        """Let other sessions be finished, if any may need it; does not return then.

        By a fresh image, because a process with threads must not fork.
        """
        directory, provider = self._paths.directory, self._paths.provider
        dead = any(orphans.orphans(directory, provider, processes))
        if (dead or was_due) and self._package.is_mine():
            command = spawn.waking_command(at_once=True)
            os.execve(command[0], command, dict(os.environ))
