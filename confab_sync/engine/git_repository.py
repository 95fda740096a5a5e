"""Reading a repository's branch, commit and remotes from its files, without git.

Source: gitrepository-layout(5); git-worktree(1), "Details"; git-pack-refs(1).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from confab_sync.engine.git_config import Settings, Surroundings, read_settings, read_small_file

LARGEST_REFS = 64 * 1024 * 1024
"""Bytes of packed references that are searched."""

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class Remote:
    """Another repository that this one knows; the URLs hold no credentials."""

    name: str
    fetch_url: str
    push_url: str


@dataclass(frozen=True, slots=True)
class Repository:
    """What a repository's files say. `branch` and `commit` are empty when they do not.

    `is_readable` is False when references are kept in a form that only git reads.
    """

    branch: str
    commit: str
    remotes: tuple[Remote, ...]
    tracking: dict[str, str]
    """The remote that each branch follows."""
    is_readable: bool


def find_repository(directory: str, home: str) -> Repository | None:
    """The repository that `directory` (absolute) lies in; None when it lies in none.

    `home` is the user's home directory, for includes that begin with `~/`.
    """
    git_dir = _git_dir(directory)
    if git_dir is None:
        return None
    common = _common_dir(git_dir)
    head = _line(f"{git_dir}/HEAD")
    branch = head.removeprefix("ref: refs/heads/") if head.startswith("ref: refs/heads/") else ""
    settings = _settings(common, git_dir, Surroundings(git_dir, branch, home))
    readable = not os.path.isdir(f"{common}/reftable")
    return Repository(
        branch=branch if readable else "",
        commit=_commit(head, git_dir, common) if readable else "",
        remotes=_remotes(settings),
        tracking={
            name: value
            for section, name, key, value in settings
            if section == "branch" and key == "remote"
        },
        is_readable=readable,
    )


def without_credentials(url: str) -> str:
    """A remote's URL without the secrets that people put into it; empty when it is no URL.

    A user name stays only where it is none of the secret, with ssh.
    """
    if "://" not in url:
        # scp's form (user@host:path) or a path: neither has room for a password.
        return url
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:
        return ""
    if ":" in (parts.hostname or ""):
        host = host.replace(parts.hostname or "", f"[{parts.hostname}]", 1)
    if parts.username and parts.scheme.endswith("ssh"):
        host = f"{parts.username}@{host}"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def _git_dir(directory: str) -> str | None:
    """The `.git` of `directory` or of the nearest one above."""
    while directory.startswith("/"):
        candidate = os.path.join(directory, ".git")
        if os.path.isdir(candidate):
            return candidate
        pointer = _line(candidate)
        if pointer.startswith("gitdir: "):
            return os.path.normpath(os.path.join(directory, pointer.removeprefix("gitdir: ")))
        above = os.path.dirname(directory)
        if above == directory:
            break
        directory = above
    return None


def _common_dir(git_dir: str) -> str:
    """Where a worktree keeps what it shares with the others."""
    common = _line(f"{git_dir}/commondir")
    return os.path.normpath(os.path.join(git_dir, common)) if common else git_dir


def _settings(common: str, git_dir: str, around: Surroundings) -> Settings:
    settings = read_settings(f"{common}/config", around)
    own = any(s == ("extensions", "", "worktreeconfig", "true") for s in settings)
    return settings + (read_settings(f"{git_dir}/config.worktree", around) if own else [])


def _commit(head: str, git_dir: str, common: str) -> str:
    """The commit that HEAD stands for, through symbolic references; empty before the first."""
    for _ in range(5):
        if not head.startswith("ref: "):
            return head if _COMMIT.fullmatch(head) else ""
        name = head.removeprefix("ref: ")
        if ".." in name or not name.startswith("refs/"):
            return ""
        head = _line(f"{git_dir}/{name}") or _line(f"{common}/{name}") or _packed(common, name)
    return ""


def _packed(common: str, name: str) -> str:
    wanted = f" {name}".encode("utf-8", "surrogateescape")
    for line in (read_small_file(f"{common}/packed-refs", LARGEST_REFS) or b"").splitlines():
        if line.endswith(wanted):
            return line[: -len(wanted)].decode("ascii", "replace")
    return ""


def _remotes(settings: Settings) -> tuple[Remote, ...]:
    urls: dict[str, dict[str, str]] = {}
    for section, name, key, value in settings:
        if section == "remote" and name and key in ("url", "pushurl") and value:
            urls.setdefault(name, {}).setdefault(key, without_credentials(value))
    return tuple(
        Remote(name, known["url"], known.get("pushurl") or known["url"])
        for name, known in urls.items()
        if known.get("url")
    )


def _line(path: str) -> str:
    """The first line of a small file; empty when there is none."""
    data = read_small_file(path, 4096) or b""
    return data.partition(b"\n")[0].decode("utf-8", "replace").strip()
