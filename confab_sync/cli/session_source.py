"""Finds where the session that a person names is kept, and opens it there."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from confab_sync.backends.embedded import EmbeddedBackend
from confab_sync.cli.knowing import known_sessions, stored_sessions
from confab_sync.cli.reaching import targets
from confab_sync.errors import (
    AmbiguousSession,
    ConfabError,
    ConfigError,
    PayloadError,
    SessionNotFound,
)
from confab_sync.store.lookup import the_one
from confab_sync.store.source import StoreSource
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.config import Binding, Config
    from confab_sync.engine.known import KnownSession
    from confab_sync.store.source import Source
    from confab_sync.store.values import StoredSession

EMBEDDED = EmbeddedBackend.name


@dataclass(frozen=True, slots=True)
class Kept:
    """One copy of a session; `names` are the ids that mean it, `session_id` the backend's.

    `api_key` is the one that it was found with, if it was found by asking.
    """

    place: str
    session_id: str
    external_id: str
    transcript_path: str
    names: tuple[str, ...]
    api_key: str = field(default="", repr=False)


@contextmanager
def opened_source(context: Context, wanted: str) -> Iterator[Source]:
    """The session whose id starts with `wanted`, at the backend that has it.

    The registry says which that is: a session that went to a server is read from there and
    nowhere else. One that the registry does not know, or cannot tell of because it is damaged,
    is looked for in the embedded store, and then at the servers of config.json, which may have
    it from another machine. Raises `SessionLookupError`, `ConfigError` when config.json does
    not name the server, `BackendError` when it cannot be asked, `RegistryError`, `StoreError`,
    and `ConfabError` for a session of which nothing was sent.
    """
    copy = kept(context, wanted)
    if copy.place == EMBEDDED:
        with Store.open(context.paths.store, clock=context.clock, create=False) as store:
            yield StoreSource(store, store.find_session(copy.session_id))
        return
    with _at_server(context, copy) as source:
        yield source


def kept(context: Context, wanted: str) -> Kept:
    """The copy that `wanted` means, as `opened_source` finds it. Raises as that does."""
    known, trouble = known_sessions(context)
    try:
        found = _find(_copies(known, stored_sessions(context)), wanted)
    except SessionNotFound:
        if trouble:
            raise trouble from None
        elsewhere = _elsewhere(context, wanted)
        if not elsewhere:
            raise _not_archived(context, wanted) from None
        found = _find(elsewhere, wanted)
    if found.place != EMBEDDED and not found.session_id:
        raise ConfabError(
            f"nothing of the session {found.external_id} has reached a backend yet; "
            "`confab sync status` tells why"
        )
    return found


def _elsewhere(context: Context, wanted: str) -> list[Kept]:
    """The copies at servers of what other machines sent, and of what this one has forgotten."""
    from confab_sync.config import load_config

    config = load_config(context.paths.config)
    found: dict[tuple[str, str], Kept] = {}
    for target in targets(config):
        if not target.api_key:
            continue
        # Not before a server is configured: the client takes several interpreter starts to import.
        from confab_sync.backends.http.lookup import sessions_beginning
        from confab_sync.cli.connecting import client

        url, key = target.backend_url, target.api_key
        with closing(client(context, config, url, key, login=target.login)) as there:
            for external_id, session_id in sessions_beginning(there, wanted):
                names = (external_id, session_id)
                copy = Kept(url, session_id, external_id, "", names, key)
                if _may_be_a_name(external_id):  # two keys may be those of one account
                    found.setdefault((url, session_id), copy)
    return list(found.values())


def _may_be_a_name(external_id: str) -> bool:
    """Whether an id that a server made known can become the name of a file here."""
    from confab_sync.claude.payload import checked_id

    try:
        checked_id(external_id)
    except PayloadError:
        return False
    return True


def _not_archived(context: Context, wanted: str) -> ConfabError:
    """The error for a session of which there is no copy; Claude Code may have it on disk."""
    from confab_sync.cli.on_disk import on_disk

    try:
        there = on_disk(context)
    except ConfigError:
        there = {}
    found = [name for name in there if wanted and name.startswith(wanted)]
    if wanted in found or len(found) == 1:
        name = wanted if wanted in found else found[0]
        why = _kept_off(context, name, there[name].path)
        if why is not None:
            return ConfabError(f"the session {name} is on disk only, and is not copied: {why}")
        return ConfabError(
            f"the session {name} is on disk, but not archived yet; `confab save {wanted}` does that"
        )
    return AmbiguousSession(wanted, found) if found else SessionNotFound(wanted)


def _kept_off(context: Context, name: str, path: str) -> str | None:
    """Why the session is not to be copied, if so: it was forgotten, or its project is ignored."""
    from confab_sync.claude.workplaces import workplaces
    from confab_sync.cli.saving import machine_of

    try:
        return machine_of(context).kept_off(context.paths.session(name), workplaces(path))
    except (ConfabError, OSError):
        return None


def archived_ids(context: Context) -> list[str]:
    """The id of every session of which there is a copy. Raises `StoreError`, `RegistryError`."""
    known, trouble = known_sessions(context)
    if trouble:
        raise trouble
    copies = _copies(known, stored_sessions(context))
    return list(dict.fromkeys(each.external_id for each in copies if each.session_id))


def _copies(known: list[KnownSession], stored: list[StoredSession]) -> list[Kept]:
    """Every copy that is known. An older copy elsewhere is meant by its own id there only."""
    sent = [each for each in known if each.backend not in ("", EMBEDDED)]
    here = {(each.provider, each.external_id) for each in stored}
    unsent = [
        each for each in known if not each.backend and (each.provider, each.external_id) not in here
    ]
    taken = {each.external_id for each in sent} | {each.backend_session_id for each in sent}
    copies = [
        Kept(
            each.backend,
            each.backend_session_id,
            each.external_id,
            each.transcript_path,
            tuple(filter(None, (each.external_id, each.backend_session_id))),
        )
        for each in (*sent, *unsent)
    ]
    for each in stored:
        names = tuple(name for name in (each.external_id, each.session_id) if name not in taken)
        copies.append(Kept(EMBEDDED, each.session_id, each.external_id, "", names))
    return copies


def _find(copies: list[Kept], wanted: str) -> Kept:
    """The copy that is meant; an id that is the whole of `wanted` wins over longer ones.

    Ids that a backend gave match in either case.
    """
    either = {wanted, wanted.lower()} - {""}
    found = [copy for copy in copies if either.intersection(copy.names)]
    if not found:
        found = [
            copy
            for copy in copies
            if any(name.startswith(start) for name in copy.names for start in either)
        ]
    return the_one(found, wanted)


@contextmanager
def _at_server(context: Context, copy: Kept) -> Iterator[Source]:
    from confab_sync.backends.http.downloads import Downloads
    from confab_sync.cli.connecting import client
    from confab_sync.config import load_config

    config = load_config(context.paths.config)
    target = target_of(context, config, copy.place, copy.transcript_path)
    key = copy.api_key or target.api_key  # several directories may have accounts at one server
    there = client(context, config, target.backend_url, key, login=target.login)
    with closing(Downloads(there, copy.session_id, copy.external_id)) as source:
        yield source


def target_of(context: Context, config: Config, place: str, transcript_path: str) -> Binding:
    """The server `place` as config.json names it, with its key; that goes to no other.

    Raises `ConfigError` when config.json does not name it.
    """
    from confab_sync.claude.directories import bound_directory
    from confab_sync.config import Binding
    from confab_sync.paths import PROVIDER

    targets = [Binding(config.backend_url, config.api_key)]
    bound = config.bindings.get(PROVIDER, {})
    own = bound.get(bound_directory(transcript_path, context.environ) or "")
    for target in (*filter(None, [own]), *targets, *bound.values()):
        if target.backend_url == place:
            return target
    raise ConfigError(
        f"the session is kept at {place}, which {context.paths.config} does not name any "
        f"more; `confab login --backend-url {place}` goes back there"
    )
