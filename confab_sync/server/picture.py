"""Every machine and session as they are now, put together from what all of them said last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from confab_sync.claude.models import context_size
from confab_sync.server.pictured import Context, MachineView, Picture, Row
from confab_sync.server.titles import project_of, title_of
from confab_sync.server.views import text_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from confab_sync.claude.usage import Usage
    from confab_sync.server.local import Local, LocalSession
    from confab_sync.store.machines import Machine
    from confab_sync.store.values import StoredSession

WITHIN = timedelta(hours=12)
"""How long before a machine was heard of last a session may have been, to be of its picture."""

ROWS = 20
"""Sessions of one machine that are looked at."""

OVER = 5
"""Of these, sessions that are shown although they are over."""

FRESH = timedelta(seconds=90)
"""How long what a distant daemon said of itself counts as what it does now: it rests after a
minute in which nothing was written, and says nothing while it rests."""

OPEN = timedelta(minutes=30)
"""How long a session that says nothing and has not ended counts as one that is open."""

MOST = 10**15
"""A larger number of bytes or tokens is not one, whatever a client says."""

STARTING, WAITING, SYNCING, RESTING = "starting", "waiting", "syncing", "resting"
ALIVE = frozenset({STARTING, WAITING, SYNCING, RESTING, "stopping"})
ENDED, ONLINE, OFFLINE, ERROR, CONNECTING = "ended", "online", "offline", "error", "connecting"


def picture(
    found: Sequence[tuple[Machine, Sequence[StoredSession]]],
    ends: Mapping[str, datetime],
    usages: Mapping[str, Usage],
    local: Sequence[LocalSession],
    here: Local,
    now: datetime,
) -> Picture:
    """The picture of one user's machines; `local` are the sessions of the server's own host."""
    by_id = {each.session_id: each for each in local if each.session_id}
    by_name = {each.external_id: each for each in local}
    seen: set[str] = set()
    machines = []
    for machine, stored in found:
        rows = []
        for session in stored:
            mine = by_id.get(session.session_id)
            if mine is None and session.hostname == here.hostname:
                mine = by_name.get(session.external_id)
            if mine is not None:
                seen.add(mine.external_id)
            rows.append(_row(session, mine, ends.get(session.session_id), usages, now))
        machines.append(_machine(machine, rows, here))
    others = [each for each in local if each.external_id not in seen]
    return Picture(tuple(sorted(_with_elsewhere(machines, others, here), key=_place)))


def _place(machine: MachineView) -> tuple[object, ...]:
    """Where a machine stands: not by the moment it was heard of, or it would jump about."""
    if machine.is_here or machine.alive:
        return (not machine.is_here, False, 0.0, machine.hostname, machine.username)
    last = machine.last.timestamp() if machine.last else 0.0
    return (True, True, -last, machine.hostname, machine.username)


def _machine(machine: Machine, rows: list[Row], here: Local) -> MachineView:
    alive = [row for row in rows if row.is_alive]
    over = [row for row in rows if not row.is_alive]
    shown = (*sorted(alive, key=_since), *over[:OVER])
    return MachineView(
        key=f"{machine.hostname}/{machine.username}",
        hostname=machine.hostname,
        username=machine.username,
        is_here=bool(here.hostname) and machine.hostname == here.hostname,
        last=machine.last_sync_at,
        rows=shown,
        more=machine.sessions - len(shown),
    )


def _since(row: Row) -> tuple[float, str]:
    """The place of a session that goes on: the newest first, and for as long as it goes on."""
    return (-row.first.timestamp() if row.first else 0.0, row.key)


def _with_elsewhere(
    machines: list[MachineView], others: Sequence[LocalSession], here: Local
) -> tuple[MachineView, ...]:
    """The machines, and on this host what its daemons send to other backends."""
    rows = tuple(_row_elsewhere(each) for each in others if each.running)
    if not rows:
        return tuple(machines)
    for place, machine in enumerate(machines):
        if machine.is_here:
            machines[place] = replace(machine, rows=(*rows, *machine.rows))
            return tuple(machines)
    return (MachineView(f"{here.hostname}/", here.hostname, "", True, None, rows), *machines)


def _row(
    session: StoredSession,
    mine: LocalSession | None,
    ended: datetime | None,
    usages: Mapping[str, Usage],
    now: datetime,
) -> Row:
    said = session.live if isinstance(session.live, dict) else {}
    state = _local_state(mine) if mine else _said_state(session, said, ended, now)
    usage = usages.get(session.session_id)
    return Row(
        key=session.session_id,
        session_id=session.session_id,
        title=title_of(session),
        project=project_of(session),
        branch=text_in(session.git_info, "branch") or "",
        state=state.word,
        tone=state.tone,
        connection=state.connection,
        note=mine.last_error or mine.note if mine else "",
        last_online=mine.last_online_at if mine else None,
        is_alive=state.is_alive,
        lines=session.lines,
        behind=mine.behind_bytes if mine else _whole(said.get("behind_bytes")),
        lag=None if mine else _number(said.get("lag_seconds")),
        context=_context(said, usage),
        first=session.first_seen,
        last=session.last_sync_at,
        backend=mine.backend if mine and mine.backend.startswith("http") else "",
    )


def _row_elsewhere(mine: LocalSession) -> Row:
    state = _local_state(mine)
    return Row(
        key=f"local/{mine.external_id}",
        session_id="",
        title="",
        project=mine.cwd,
        branch="",
        state=state.word,
        tone=state.tone,
        connection=state.connection,
        note=mine.last_error or mine.note,
        last_online=mine.last_online_at,
        is_alive=state.is_alive,
        lines=mine.lines,
        behind=mine.behind_bytes,
        last=mine.last_online_at or mine.since,
        backend=mine.backend,
    )


@dataclass(frozen=True, slots=True)
class _State:
    word: str
    tone: str = ""
    connection: str = ""
    is_alive: bool = False


def _local_state(mine: LocalSession) -> _State:
    connection = mine.connection
    if mine.running and connection == "idle" and mine.phase == SYNCING:
        connection = CONNECTING
    told = "" if connection in ("", "idle", ONLINE) else connection
    tone = {OFFLINE: "warn", ERROR: "bad"}.get(told, "")
    if not mine.running:
        return _State(mine.phase, "warn" if mine.phase == "unfinished" else "")
    return _State(mine.phase, tone or ("good" if mine.phase == SYNCING else ""), told, True)


def _said_state(
    session: StoredSession, said: Mapping[str, object], ended: datetime | None, now: datetime
) -> _State:
    """What is known of a session from what reached the server, and from nothing else."""
    if ended is not None and ended >= session.last_sync_at:
        return _State(ENDED)
    phase, connection = said.get("phase"), said.get("connection")
    if not isinstance(phase, str) or not phase or session.live_at is None:
        return _State("")  # a client that says nothing of itself
    told = connection if isinstance(connection, str) and connection not in ("", ONLINE) else ""
    age = now - session.live_at
    if age > FRESH:
        return _State("quiet", is_alive=True) if age < OPEN else _State("silent")
    tone = {OFFLINE: "warn", ERROR: "bad"}.get(told, "good" if phase == SYNCING else "")
    return _State(phase, tone, told, phase in ALIVE)


def _context(said: Mapping[str, object], usage: Usage | None) -> Context | None:
    used, size = _whole(said.get("context_used")), _whole(said.get("context_size"))
    if usage is not None and usage.context:  # what the transcript itself tells is never older
        used, size = usage.context, context_size(usage.model, usage.context)
    return Context(used, size) if used and size else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < MOST else None


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e9 else None
