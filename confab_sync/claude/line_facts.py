"""What the lines of a transcript say about its session as a whole (contract §3.4)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

_PULL_REQUEST = re.compile(r"https?://github\.com/([^/\s]+)/([^/\s]+)/pull/([0-9]+)")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request that a `pr-link` line names."""

    url: str
    owner: str
    repo: str
    number: str


@dataclass(frozen=True, slots=True)
class LineFacts:
    """The newest moment in the lines, and the pull requests they name."""

    newest: datetime | None
    pull_requests: tuple[PullRequest, ...]


def facts(
    lines: Iterable[str],
    parse_moment: Callable[[str], datetime | None],
    not_after: datetime,
) -> LineFacts:
    """What `lines` say; moments after `not_after` and lines that are no objects say nothing."""
    newest: datetime | None = None
    found: list[PullRequest] = []
    for line in lines:
        if '"timestamp"' not in line and '"pr-link"' not in line:
            continue
        try:
            entry = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(entry, dict):
            continue
        stamp = entry.get("timestamp")
        moment = parse_moment(stamp) if isinstance(stamp, str) else None
        if moment is not None and moment <= not_after and (newest is None or moment > newest):
            newest = moment
        pull_request = _pull_request(entry)
        if pull_request is not None:
            found.append(pull_request)
    return LineFacts(newest, tuple(found))


def _pull_request(entry: dict[str, object]) -> PullRequest | None:
    """The pull request of a `pr-link` line whose fields agree with one another."""
    url, repository, number = (entry.get(key) for key in ("prUrl", "prRepository", "prNumber"))
    if entry.get("type") != "pr-link" or not isinstance(url, str):
        return None
    match = _PULL_REQUEST.match(url)
    if match is None or "\0" in url:
        return None
    if repository != f"{match[1]}/{match[2]}" or str(number) != match[3]:
        return None
    return PullRequest(url, match[1], match[2], match[3])
