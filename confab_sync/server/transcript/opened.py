"""One session of a user with the file of it that is looked at, found for a request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync import wire
from confab_sync.claude.layout import agent_id
from confab_sync.errors import RequestRefused
from confab_sync.server.answers import refusal
from confab_sync.server.ids import public_id
from confab_sync.server.transcript.addresses import Addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    from confab_sync.server.services import Services
    from confab_sync.store.files import FileRow
    from confab_sync.store.store import Store
    from confab_sync.store.user_sessions import UserSessions
    from confab_sync.store.values import StoredFile

    T = TypeVar("T")

MOST_METAS = 300
_META = ".meta.json"
_LARGEST_META = 16_384


@dataclass(frozen=True, slots=True)
class Opened:
    """A session's file as it is now, and the transcripts of its subagents by their ids."""

    session_id: str
    name: str
    file: FileRow
    agents: Mapping[str, str]
    files: Sequence[StoredFile]

    @property
    def addresses(self) -> Addresses:
        """Where the parts of the page are."""
        return Addresses(self.session_id, self.name)

    @property
    def lines(self) -> int:
        """The lines that are whole; one without its end yet is not read."""
        return self.file.position.lines - self.file.position.open_end


def opened(sessions: UserSessions, spelled: str, name: str = "", agent: str = "") -> Opened:
    """The session with the file `name`, a subagent's transcript, or else its own.

    Raises `RequestRefused` with 404 when there is none, and `StoreError`s.
    """
    session_id = public_id(spelled)
    files = sessions.files(session_id)
    agents = {agent_id(file.name): file.name for file in files if file.file_type == wire.AGENT}
    wanted = name or (agents.get(agent, "") if agent else _own(files))
    file = sessions.find_file(session_id, wanted) if wanted else None
    if file is None or file.position.file_type not in (wire.TRANSCRIPT, wire.AGENT):
        raise refusal(404, wire.FILE_NOT_FOUND)
    return Opened(session_id, wanted, file, agents, files)


async def looked_up(services: Services, work: Callable[[Store], T]) -> T:
    """What `work` makes of the store; another user's session is as if it was not (§3.7)."""
    try:
        return await services.pool.run(work)
    except RequestRefused as error:
        if error.status == 403:
            raise refusal(404, wire.SESSION_NOT_FOUND) from None
        raise


def agent_labels(sessions: UserSessions, found: Opened) -> dict[str, str]:
    """What each subagent was asked to do, as its `.meta.json` says (behaviour sheet §7)."""
    labels: dict[str, str] = {}
    metas = [
        each
        for each in sessions.side_files(found.session_id)
        if each.name.endswith(_META) and each.bytes <= _LARGEST_META
    ]
    for each in metas[:MOST_METAS]:
        name = agent_id(each.name.removesuffix(_META))
        if name in found.agents:
            labels[name] = _label(sessions.read_side_file(found.session_id, each.name))
    return labels


def _label(data: bytes | None) -> str:
    try:
        row = json.loads(data or b"")
    except (ValueError, RecursionError):
        return ""
    told = [row.get(key) for key in ("agentType", "description")] if isinstance(row, dict) else []
    return ": ".join(text for text in told if isinstance(text, str) and text)[:200]


def _own(files: Sequence[StoredFile]) -> str:
    """The session's transcript; where none has come yet, what has come of a subagent."""
    told = [file for file in files if file.file_type == wire.TRANSCRIPT]
    told = told or [file for file in files if file.file_type == wire.AGENT]
    return max(told, key=lambda file: file.lines).name if told else ""
