"""What init and event say, and the metadata of chunks, within the server's limits (§2.4-§2.6)."""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from confab_sync import wire
from confab_sync.backends.http.texts import clean_value, clip, dumps
from confab_sync.errors import BackendRefused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from confab_sync.store.values import ChunkMetadata, SessionInfo

LARGEST_GIT_INFO = 64 * 1024
"""Bytes of JSON: the bodies of init and event may have twice as many."""

LARGEST_PAYLOAD = 96 * 1024


def init(info: SessionInfo, *, with_details: bool = True) -> bytes:
    """The body of init. `cwd` is always there, because a missing one is stored as empty (§3.2).

    Without details only what the server needs to find the session. Raises `BackendRefused`
    for a session that the API cannot name.
    """
    if not info.external_id or len(info.external_id.encode("utf-8", "replace")) > (
        wire.MAX_EXTERNAL_ID
    ):
        raise BackendRefused("the API cannot name this session: its id is empty or too long")
    metadata: dict[str, Any] = {"cwd": clip(info.cwd or "", wire.MAX_CWD)}
    if with_details:
        git_info = checked_git_info(info.git_info)
        details = {
            "hostname": clip(info.hostname or "", wire.MAX_HOSTNAME),
            "username": clip(info.username or "", wire.MAX_USERNAME),
            "git_info": git_info,
        }
        metadata |= {name: value for name, value in details.items() if value}
    return dumps(
        {
            "provider": info.provider,
            "external_id": info.external_id,
            "transcript_path": clip(info.transcript_path, wire.MAX_TRANSCRIPT_PATH),
            "metadata": metadata,
        }
    )


def chunk_metadata(metadata: ChunkMetadata, file_type: str) -> dict[str, Any]:
    """The metadata of a chunk; empty for anything but a transcript (§2.5, §3.4)."""
    if file_type != wire.TRANSCRIPT:
        return {}
    said: dict[str, Any] = {}
    if metadata.summary:
        said["summary"] = clip(metadata.summary, wire.MAX_SUMMARY)
    if metadata.first_user_message:
        said["first_user_message"] = clip(metadata.first_user_message, wire.MAX_FIRST_USER_MESSAGE)
    if git_info := checked_git_info(metadata.git_info):
        said["git_info"] = git_info
    if metadata.latest_message_at is not None:
        said["latest_message_at"] = moment(metadata.latest_message_at)
    if metadata.created_at is not None:
        said["created_at"] = moment(metadata.created_at)
    return {name: value for name, value in said.items() if value}


def context(metadata: ChunkMetadata) -> dict[str, object]:
    """How full the model's context is, as it is told in passing."""
    return {"context_used": metadata.context_used, "context_size": metadata.context_size}


def live(fields: Mapping[str, object]) -> str:
    """What a daemon says of itself, as a header; empty when it is nothing, or too much."""
    text = json.dumps(
        {name: value for name, value in fields.items() if value is not None}, separators=(",", ":")
    )
    return text if len(text) <= wire.MAX_LIVE and text != "{}" else ""


def session_end(session_id: str, timestamp: datetime, payload: object) -> bytes:
    """The body of the session_end event; a payload that is too large is left out."""
    event: dict[str, Any] = {
        "session_id": session_id,
        "event_type": wire.SESSION_END,
        "timestamp": moment(timestamp),
    }
    cleaned = clean_value(payload)
    if cleaned is not None and len(dumps(cleaned)) <= LARGEST_PAYLOAD:
        event["payload"] = cleaned
    return dumps(event)


def summary(text: str) -> bytes:
    """The body that sets a session's summary (§2.7)."""
    return dumps({"summary": clip(text, wire.MAX_SUMMARY)})


def moment(when: datetime) -> str:
    """RFC 3339 in UTC, because the server drops an offset instead of converting (§1.8)."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def checked_git_info(git_info: object) -> dict[str, Any] | None:
    """`git_info` as the server accepts it (§2.4.1); None when there is nothing to say."""
    cleaned = clean_value(git_info)
    if not isinstance(cleaned, dict):
        return None
    remotes = cleaned.pop("remotes", None)
    good = [_remote(entry) for entry in remotes if _is_remote(entry)] if remotes else []
    if good:
        cleaned["remotes"] = good[: wire.MAX_REMOTES]
    tracking = cleaned.get("tracking_remote")
    if isinstance(tracking, str) and len(tracking.encode()) > wire.MAX_TRACKING_REMOTE:
        del cleaned["tracking_remote"]
    return cleaned if cleaned and len(dumps(cleaned)) <= LARGEST_GIT_INFO else None


def _is_remote(entry: object) -> bool:
    """A remote that would not make the server refuse the request: cut URLs lead nowhere."""
    if not isinstance(entry, dict):
        return False
    name, urls = entry.get("name"), [entry.get(key) for key in ("fetch_url", "push_url")]
    return (
        isinstance(name, str)
        and 0 < len(name.encode()) <= wire.MAX_REMOTE_NAME
        and any(urls)
        and all(
            url is None or (isinstance(url, str) and len(url.encode()) <= wire.MAX_REMOTE_URL)
            for url in urls
        )
    )


def _remote(entry: Mapping[str, Any]) -> dict[str, str]:
    return {key: entry[key] for key in ("name", "fetch_url", "push_url") if entry.get(key)}
