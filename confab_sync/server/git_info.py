"""The limits on a session's `git_info`, which is otherwise any JSON (contract §2.4.1)."""

from __future__ import annotations

from confab_sync import wire
from confab_sync.server.answers import refusal

_MESSAGE = "exceeds maximum length of {limit}"


def check(git_info: object) -> None:
    """Refuse too many and too long remotes; a value of another shape passes unchecked."""
    if not isinstance(git_info, dict):
        return
    remotes = git_info.get("remotes") or []
    tracking = git_info.get("tracking_remote") or ""
    if not isinstance(tracking, str) or not _is_list_of_remotes(remotes):
        return
    if len(remotes) > wire.MAX_REMOTES:
        raise refusal(400, f"git_info.remotes exceeds maximum of {wire.MAX_REMOTES} entries")
    for index, remote in enumerate(remotes):
        _check_remote(f"git_info.remotes[{index}]", remote or {})
    _check_length("git_info.tracking_remote", tracking, wire.MAX_TRACKING_REMOTE)


def _is_list_of_remotes(remotes: object) -> bool:
    return isinstance(remotes, list) and all(_is_remote(remote or {}) for remote in remotes)


def _is_remote(remote: object) -> bool:
    keys = ("name", "fetch_url", "push_url")
    return isinstance(remote, dict) and all(isinstance(remote.get(k) or "", str) for k in keys)


def _check_remote(where: str, remote: dict[str, str | None]) -> None:
    if not remote.get("name"):
        raise refusal(400, f"{where}.name is required")
    _check_length(f"{where}.name", remote["name"], wire.MAX_REMOTE_NAME)
    if not remote.get("fetch_url") and not remote.get("push_url"):
        raise refusal(400, f"{where} requires fetch_url or push_url")
    for key in ("fetch_url", "push_url"):
        _check_length(f"{where}.{key}", remote.get(key), wire.MAX_REMOTE_URL)


def _check_length(where: str, value: str | None, limit: int) -> None:
    if len((value or "").encode()) > limit:
        raise refusal(400, f"{where} {_MESSAGE.format(limit=limit)}")
