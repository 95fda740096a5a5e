"""Where each stored file of a session lies when the session is written to a directory."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from confab_sync.errors import ConfabError
from confab_sync.store.names import check_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from confab_sync.store.source import SourceFile, SourceSideFile


def file_paths(external_id: str, files: Sequence[SourceFile]) -> dict[str, str]:
    """The relative path of each file by name, as Claude Code lays them out (contract §4.7).

    The transcript lies at the top; everything else in the session's directory, agents that are
    known by their base name in its `subagents`. Raises `ConfabError` when a path would leave
    the directory: what a store or a server says is not trusted.
    """
    _check_external_id(external_id)
    main = _main_transcript(external_id, files)
    paths = {}
    for file in files:
        check_name(file.name)
        if file is main:
            paths[file.name] = f"{external_id}.jsonl"
        elif file.file_type == "agent" and _is_flat_agent(file.name):
            paths[file.name] = f"{external_id}/subagents/{file.name}"
        else:
            paths[file.name] = f"{external_id}/{file.name}"
    return paths


def side_file_paths(external_id: str, side_files: Sequence[SourceSideFile]) -> dict[str, str]:
    """The relative path of each side file by name; raises `ConfabError` as `file_paths` does."""
    _check_external_id(external_id)
    for side_file in side_files:
        check_name(side_file.name)
    return {side_file.name: f"{external_id}/{side_file.name}" for side_file in side_files}


def check_apart(paths: Sequence[str]) -> None:
    """Raise `ConfabError` when two of the paths are one, or one would be a directory of another."""
    taken = set(paths)
    if len(taken) < len(paths):
        twice = next(path for path, number in Counter(paths).items() if number > 1)
        raise ConfabError(f"two files of the session would both become {twice!a}; use --file")
    for path in paths:
        parent = path
        while "/" in parent:
            parent = parent.rpartition("/")[0]
            if parent in taken:
                raise ConfabError(
                    f"{parent!a} would have to be a file and the directory of {path!a}; use --file"
                )


def _check_external_id(external_id: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", external_id):
        raise ConfabError(f"the session id {external_id!a} cannot be the name of a file")


def _main_transcript(external_id: str, files: Sequence[SourceFile]) -> SourceFile | None:
    transcripts = [file for file in files if file.file_type == "transcript"]
    named = [file for file in transcripts if file.name == f"{external_id}.jsonl"]
    return next(iter(named or transcripts), None)


def _is_flat_agent(name: str) -> bool:
    return "/" not in name and name.startswith("agent-") and name.endswith(".jsonl")
