"""What the daemon believes its records say of the session, after the hook's own checks.

State and inbox are files that anybody with the user's rights can write, so a path in them
has to pass the same validator as the payload of a hook (issue: "the daemon applies it
again").
"""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.claude.directories import projects_dirs
from confab_sync.claude.layout import locate
from confab_sync.claude.payload import checked_transcript
from confab_sync.config import load_config
from confab_sync.engine.subject import Subject
from confab_sync.errors import ConfigError, PayloadError
from confab_sync.presence import inbox
from confab_sync.presence import state as states
from confab_sync.presence.life import Life, fold
from confab_sync.redaction.discretion import is_hidden

if TYPE_CHECKING:
    from collections.abc import Mapping

    from confab_sync.paths import Paths, SessionPaths


class Belief:
    """The session's subject; asked often, worked out only when the records change."""

    def __init__(self, all_paths: Paths, paths: SessionPaths, environ: Mapping[str, str]) -> None:
        self._all_paths = all_paths
        self._paths = paths
        self._environ = environ
        self._heard: tuple[str, str] | None = None
        self._subject = Subject(paths.external_id, "", "")

    def subject(self, life: Life) -> Subject:
        """What `life` says of the session, state and inbox filling in what it does not say.

        Raises `PayloadError` when none of them names a transcript that may be read.
        """
        heard = (life.transcript_path, life.cwd)
        if heard != self._heard:
            state = states.read(self._paths.state) or {}
            if not state.get("transcript_path"):
                state = self._heard_before()
            path = self._believable(life.transcript_path, state.get("transcript_path"))
            self._subject = Subject(
                external_id=self._paths.external_id,
                transcript_path=path,
                recorded_path=path,
                cwd=life.cwd or str(state.get("cwd") or ""),
                hostname=socket.gethostname(),
                username=_username(),
            )
            self._heard = heard
        # It may have appeared, or have been moved to another directory whose name is hidden.
        path = self._subject.transcript_path
        if is_hidden(self._subject.recorded_path) and not os.path.lexists(path):
            found = locate(path)
            if found is not None:
                self._subject = replace(self._subject, transcript_path=found)
        return self._subject

    def _heard_before(self) -> states.State:
        """What the inbox says, for who asks before it was read, where the state was lost."""
        try:
            life = fold(inbox.read(self._paths.inbox)[0])
        except OSError:
            life = Life()
        return {"transcript_path": life.transcript_path, "cwd": life.cwd}

    def _believable(self, *candidates: object) -> str:
        roots = projects_dirs(self._environ, self._bound())
        for candidate in candidates:
            try:
                return checked_transcript(candidate, roots)
            except PayloadError:
                continue
        raise PayloadError("neither inbox nor state name a transcript that may be read")

    def _bound(self) -> tuple[str, ...]:
        try:
            return tuple(load_config(self._all_paths.config).bound_directories)
        except ConfigError:
            return ()


def _username() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user id without a name, as in some containers
        return ""
