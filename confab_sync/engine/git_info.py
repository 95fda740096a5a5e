"""What a session says of the repository it works in (contract §2.4.1, §4.6)."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from confab_sync.engine.git_repository import Repository, find_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GIT_SECONDS = 2.0
"""For the one git process that a session may need."""

REMEMBERED = 5.0
"""Seconds for which a repository is not read again."""

ORIGIN = "origin"


def ask_git(directory: str) -> tuple[str, str]:
    """The commit and the branch that git itself names; empty when it cannot.

    Nothing that a repository's own settings could start is started.
    """
    command = ["git", "-c", "core.fsmonitor=false", "rev-parse", "HEAD"]
    try:
        done = subprocess.run(
            [*command, "--abbrev-ref", "HEAD"],
            cwd=directory,  # not `-C`: everybody may read a command line
            capture_output=True,
            check=True,
            stdin=subprocess.DEVNULL,
            timeout=GIT_SECONDS,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return "", ""
    commit, _, branch = done.stdout.decode("utf-8", "replace").strip().partition("\n")
    return commit, "" if branch == "HEAD" else branch


class GitInfo:
    """Reads the repositories of one session's directories.

    `home` is the user's home directory, `clock` is monotonic in seconds, `ask` names commit
    and branch where the files do not; it is used once at most.
    """

    def __init__(
        self,
        home: str,
        clock: Callable[[], float],
        ask: Callable[[str], tuple[str, str]] = ask_git,
    ) -> None:
        self._home = home
        self._clock = clock
        self._ask = ask
        self._has_asked = False
        self._known: dict[str, tuple[float, Repository | None]] = {}

    def now(self, directory: str) -> Mapping[str, object] | None:
        """The repository around `directory` as it is; None when there is none."""
        repository = self._repository(directory)
        if repository is None:
            return None
        return self._info(repository, repository.branch, repository.commit)

    def on_branch(
        self, directory: str, branch: str, *, is_live: bool
    ) -> Mapping[str, object] | None:
        """What is known of a session whose lines say that it worked on `branch`.

        The commit is that of now, so it is told only of a living session that is on the
        branch that is checked out.
        """
        repository = self._repository(directory)
        if repository is None:
            return {"branch": branch}
        commit = repository.commit if is_live and branch == repository.branch else ""
        return self._info(repository, branch, commit)

    def _info(self, repository: Repository, branch: str, commit: str) -> dict[str, object]:
        remotes = [
            {"name": remote.name, "fetch_url": remote.fetch_url, "push_url": remote.push_url}
            for remote in repository.remotes
        ]
        origin = next((r.fetch_url for r in repository.remotes if r.name == ORIGIN), "")
        info = {
            "repo_url": origin,
            "branch": branch,
            "commit_sha": commit,
            "remotes": remotes,
            "tracking_remote": repository.tracking.get(branch, ""),
        }
        return {name: value for name, value in info.items() if value}

    def _repository(self, directory: str) -> Repository | None:
        read_at, repository = self._known.get(directory, (0.0, None))
        if directory in self._known and self._clock() - read_at < REMEMBERED:
            return repository
        repository = find_repository(directory, self._home)
        if repository is not None and not repository.is_readable and not self._has_asked:
            self._has_asked = True
            commit, branch = self._ask(directory)
            repository = Repository(
                branch, commit, repository.remotes, repository.tracking, is_readable=False
            )
        self._known[directory] = (self._clock(), repository)
        return repository
