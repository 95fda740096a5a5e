"""Putting an archived session back where Claude Code finds it."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from confab_sync.claude.directories import bound_directory, config_dir, project_dir, projects_dirs
from confab_sync.claude.payload import checked_transcript
from confab_sync.cli.knowing import opened_registry
from confab_sync.cli.session_source import EMBEDDED, opened_source
from confab_sync.config import load_config
from confab_sync.errors import ConfabError, PayloadError
from confab_sync.paths import HIDDEN, PROVIDER, make_private_directory
from confab_sync.presence import departure, lock
from confab_sync.store.export import export
from confab_sync.store.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from confab_sync.cli.context import Context
    from confab_sync.paths import SessionPaths
    from confab_sync.store.export import ExportedFile
    from confab_sync.store.source import Source

MASK = b"[REDACTED:"
PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: the transcript, the working directory, the files, the masks in them."""

    external_id: str
    transcript_path: str
    cwd: str
    files: tuple[ExportedFile, ...]
    masks: int


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a session lay and worked, as it is remembered; empty where it is not."""

    transcript_path: str = ""
    cwd: str = ""


def restore(context: Context, wanted: str, directory: str | None) -> Restored:
    """Write the session's files where `claude --resume` finds them.

    That is where they lay, or where the sessions of `directory` lie, a checkout of the project
    on this machine. From then on the files here are the copy's source: what Claude Code adds to
    them is archived behind what is archived already. Raises `ConfabError` when a daemon has the
    session, something is in the way, or it is not known where the session belongs.
    """
    with opened_source(context, wanted) as source:
        origin = _origin(context, source)
        target, cwd = _target(context, origin, directory)
        transcript = f"{target}/{source.external_id}.jsonl"
        if os.path.lexists(transcript):
            raise ConfabError(
                f"{transcript} is still there; nothing was written, and "
                f"`claude --resume {source.external_id}` goes on with it"
            )
        with _alone(context.paths.session(source.external_id)):
            files = tuple(export(source, target))
            _rebase(context, source)
    masks = sum(_masks(file.path) for file in files)
    return Restored(source.external_id, transcript, cwd, files, masks)


def _target(context: Context, origin: _Origin, directory: str | None) -> tuple[str, str]:
    """The project's directory at Claude Code's, and the one that the session works in."""
    bound = load_config(context.paths.config).bound_directories
    if directory is None and HIDDEN in origin.transcript_path and os.path.isdir(origin.cwd):
        directory = origin.cwd
    if directory is not None:
        cwd = os.path.realpath(directory)
        if not os.path.isdir(cwd):
            raise ConfabError(f"there is no directory {directory}")
        own = bound_directory(origin.transcript_path, context.environ)
        of = own if own in bound else config_dir(context.environ)  # else another's backend has it
        projects = os.path.realpath(f"{of}/projects")
        target = project_dir(projects, cwd)
        if target is None:
            raise ConfabError(f"start Claude Code in {cwd} once, so that its place is known")
        return target, cwd
    try:
        roots = projects_dirs(context.environ, bound)
        transcript = checked_transcript(origin.transcript_path, roots)
    except PayloadError:
        transcript = ""
    if not transcript or not os.path.isdir(origin.cwd):
        where = origin.cwd or "an unknown directory"
        raise ConfabError(
            f"the session worked in {where}, which is not on this machine; name the project's "
            "directory here with --to DIR"
        )
    return os.path.dirname(transcript), origin.cwd


def _origin(context: Context, source: Source) -> _Origin:
    """Where the session was: this machine's registry knows it, else whoever has the copy."""
    if os.path.exists(context.paths.registry):
        with closing(opened_registry(context)) as registry:
            known = registry.session(PROVIDER, source.external_id)
        if known is not None:
            return _Origin(known.transcript_path, known.cwd)
    if source.place == EMBEDDED:
        with Store.open(context.paths.store, clock=context.clock, create=False) as store:
            session = store.find_session(source.session_id)
        return _Origin(session.transcript_path, session.cwd or "")
    return _Origin()


def _rebase(context: Context, source: Source) -> None:
    """Let the restored files count as those that were archived.

    Where secrets are masked in them they have other lengths and digests than before.
    """
    if os.path.exists(context.paths.registry):
        with closing(opened_registry(context)) as registry:
            registry.forget_files(PROVIDER, source.external_id)
    if source.place == EMBEDDED:
        with Store.open(context.paths.store, clock=context.clock, create=False) as store:
            store.rebase(source.session_id)


@contextmanager
def _alone(paths: SessionPaths) -> Iterator[None]:
    """Keep daemons away meanwhile."""
    try:
        make_private_directory(paths.directory)
        taken = lock.take(paths.lock)
    except OSError as error:
        raise ConfabError(f"the session cannot be locked: {error}") from error
    if taken is None:
        raise ConfabError("a daemon has the session, so its files are there; nothing was written")
    try:
        yield
    finally:
        departure.let_go(paths, taken, 0)


def _masks(path: str) -> int:
    """How often something is masked in a file."""
    found, rest = 0, b""
    with open(path, "rb") as stream:
        while piece := stream.read(PIECE):
            data = rest + piece
            found += data.count(MASK)
            rest = data[-len(MASK) + 1 :]
    return found
