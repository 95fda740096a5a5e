"""Finishing sessions by hand, with a progress bar, and saying honestly what came of them."""

from __future__ import annotations

import io
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from confab_sync import consent
from confab_sync.cli.measuring import measured
from confab_sync.cli.terminal import say
from confab_sync.cli.wording import counted, in_local_time
from confab_sync.daemon.finishing import Fate, Finished, Manner
from confab_sync.daemon.machine import Machine
from confab_sync.daemon.rounds import Round
from confab_sync.daemon.unfinished import known_sessions
from confab_sync.engine.ledgers import open_registry
from confab_sync.errors import ConfabError, RegistryError
from confab_sync.paths import PROVIDER
from confab_sync.store.names import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from confab_sync.cli.context import Context
    from confab_sync.daemon.candidate import Candidate

INTERVAL = 0.2
"""Seconds between two looks at a session that has a daemon."""

GOOD = frozenset((Fate.ARCHIVED, Fate.GONE))
"""What may have become of a session that nothing is left to do for."""

ALONE = frozenset((Fate.LEFT, Fate.OFF))
"""What becomes of a session that somebody else has, or that is not to be copied."""


@dataclass(slots=True)
class Savings:
    """What came of each session, and what there was to complain about besides."""

    results: dict[str, Finished] = field(default_factory=dict)
    complaints: dict[str, None] = field(default_factory=dict)
    not_tried: int = 0
    """Sessions that were left for later, because their backend takes nothing."""
    trouble: ConfabError | None = None
    """Why it takes nothing."""

    @property
    def is_complete(self) -> bool:
        """Whether everything that was asked for is acknowledged; what is kept off is not."""
        return not self.not_tried and all(each.fate in GOOD for each in self.results.values())

    @property
    def is_all_done(self) -> bool:
        """Whether everything is acknowledged that the user does not keep from being copied."""
        return not self.not_tried and all(
            each.fate in GOOD or _is_kept_off(each) for each in self.results.values()
        )

    def count(self, *fates: Fate) -> int:
        """How many sessions came to one of these."""
        counts = Counter(each.fate for each in self.results.values())
        return sum(counts[fate] for fate in fates)


def machine_of(context: Context) -> Machine:
    """The machine that a command runs on."""
    return Machine(context.paths, context.environ, clock=context.clock)


def save_sessions(
    context: Context,
    candidates: Sequence[Candidate],
    *,
    label: str,
    patience: float = 0.0,
    silent: bool = False,
    clock: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Savings:
    """Finish all of them; those that have a daemon have `patience` seconds for theirs, together.

    Progress is shown on standard output unless `silent`.
    What was acknowledged stays so when this is interrupted, and is not sent again. Raises
    `ConfabError` while the user has paused everything, and `ConfigError`.
    """
    machine = machine_of(context)
    paused = machine.paused()
    if paused is not None:
        why = in_local_time(paused)
        raise ConfabError(f"confab is {why}; nothing is archived before `confab resume`")
    savings = Savings()
    deadline = clock() + patience
    manner = Manner(complain=lambda error: savings.complaints.setdefault(str(error)))
    left = list(candidates)
    with click.progressbar(
        length=len(left),
        label=label,
        width=0,
        show_pos=True,
        item_show_func=_shown,
        file=io.StringIO() if silent else None,
    ) as bar:
        while left:
            one = Round(machine, left, manner, clock=clock, pause=lambda _: None)
            for finished in one.run(lambda _number, _candidate: None):
                savings.results[finished.external_id] = finished
                if finished.fate is not Fate.LEFT:
                    bar.update(1, finished)
            savings.trouble = one.trouble
            savings.not_tried = sum(each.external_id not in savings.results for each in left)
            left = [each for each in left if _is_left(context, savings, each)]
            if not left or one.closed or not _wait(deadline - clock(), pause):
                break
    return savings


def _is_left(context: Context, savings: Savings, candidate: Candidate) -> bool:
    """Whether a daemon has the session and has not sent everything of it yet."""
    name = candidate.external_id
    finished = savings.results.get(name)
    if finished is None or finished.fate is not Fate.LEFT:
        return False
    lines = lines_of_all(context, name)
    if lines is None:
        return True
    savings.results[name] = Finished(name, Fate.ARCHIVED, lines)
    return False


def lines_of_all(context: Context, external_id: str) -> int | None:
    """The lines of a session of which everything on disk is acknowledged; None of another."""
    machine = machine_of(context)
    session = known_sessions(machine, lambda _: None).sessions.get(external_id)
    if session is None:
        return None
    try:
        with_registry = open_registry(context.paths)
    except RegistryError:
        return None
    try:
        view = measured(session, with_registry.files(PROVIDER, external_id))
    except RegistryError:
        return None
    finally:
        with_registry.close()
    return view.lines if view.files and not view.behind_bytes else None


def _wait(remaining: float, pause: Callable[[float], None]) -> bool:
    """Wait a moment for the daemons of what is left; False once there is no time any more."""
    if remaining <= 0:
        return False
    pause(min(INTERVAL, remaining))
    return True


def tell(savings: Savings, found: int, verb: str) -> None:
    """Say what came of it: the sum on standard output, what went wrong on the other."""
    archived = savings.count(*GOOD)
    lines = sum(each.lines for each in savings.results.values() if each.fate is Fate.ARCHIVED)
    click.echo(f"{verb} {archived:,} of {counted(found, 'session')}, {counted(lines, 'line')}.")
    left_alone = Counter(_why(each) for each in savings.results.values() if each.fate in ALONE)
    if left_alone:
        say(f"Left alone: {', '.join(f'{n:,} {why}' for why, n in left_alone.most_common())}.")
    if savings.not_tried:
        click.echo(f"Not tried: {savings.not_tried:,}, since the backend takes nothing now.")
    for external_id, finished in savings.results.items():
        if finished.error is not None:
            click.echo(f"confab: {external_id}: {printable(str(finished.error))}", err=True)
        elif finished.behind and finished.fate is Fate.ARCHIVED:
            waits = f"{finished.behind} bytes of an unfinished line wait for its end"
            click.echo(f"confab: {external_id}: {waits}", err=True)
    for complaint in savings.complaints:
        click.echo(f"confab: {printable(complaint)}", err=True)


def _is_kept_off(finished: Finished) -> bool:
    """Whether nothing of it is to be copied; after a pause everything is."""
    return finished.fate is Fate.OFF and not consent.is_pause(finished.reason)


def _why(finished: Finished) -> str:
    """Why a session was left alone: `with a daemon`, `forgotten by the user`."""
    return printable(in_local_time(finished.reason or "with a daemon"))


def _shown(finished: Finished | None) -> str | None:
    return None if finished is None else finished.external_id[:8]
