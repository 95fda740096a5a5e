"""The bodies of the three sync requests, read and checked in the contract's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from confab_sync import wire
from confab_sync.errors import StoreError
from confab_sync.server import git_info as git
from confab_sync.server.answers import refusal
from confab_sync.server.fields import limit, parsed, refuse_nul, require
from confab_sync.store.names import check_name
from confab_sync.store.values import ChunkMetadata, SessionInfo

if TYPE_CHECKING:
    from datetime import datetime

    from confab_sync.server.fields import Record


@dataclass(frozen=True, slots=True)
class ChunkRequest:
    """A chunk as it was sent; `rollout` is its `codex_rollout`, where it has one."""

    session_id: str
    file_name: str
    file_type: str
    first_line: int
    lines: list[str]
    metadata: ChunkMetadata
    rollout: Record | None


@dataclass(frozen=True, slots=True)
class EventRequest:
    """An event as it was sent."""

    session_id: str
    timestamp: datetime
    payload: object | None


def init_request(data: bytes) -> SessionInfo:
    """The session that `/sync/init` asks for (contract §2.4); raises `RequestRefused`."""
    body = parsed(data)
    metadata = body.record("metadata")
    external_id = body.text("external_id")
    transcript_path = body.text("transcript_path")
    provider = body.optional_text("provider")
    cwd = metadata.text("cwd") or body.text("cwd")
    hostname, username = metadata.text("hostname"), metadata.text("username")
    git_info = metadata.anything("git_info")
    if git_info is None:
        git_info = body.anything("git_info")
    require("external_id", external_id)
    require("transcript_path", transcript_path)
    limit("external_id", external_id, wire.MAX_EXTERNAL_ID)
    limit("transcript_path", transcript_path, wire.MAX_TRANSCRIPT_PATH)
    if provider is not None and provider not in wire.PROVIDERS:
        raise refusal(400, wire.UNKNOWN_PROVIDER.format(provider=provider))
    for name, value, longest in (
        ("cwd", cwd, wire.MAX_CWD),
        ("hostname", hostname, wire.MAX_HOSTNAME),
        ("username", username, wire.MAX_USERNAME),
    ):
        limit(name, value, longest)
        refuse_nul(name, value)
    git.check(git_info)
    return SessionInfo(
        provider or wire.PROVIDERS[0],
        external_id,
        transcript_path,
        cwd or None,
        hostname or None,
        username or None,
        git_info,
    )


def chunk_request(data: bytes) -> ChunkRequest:
    """What `/sync/chunk` is to store (contract §2.5); raises `RequestRefused`."""
    body = parsed(data)
    metadata = body.record("metadata")
    request = ChunkRequest(
        session_id=body.text("session_id"),
        file_name=body.text("file_name"),
        file_type=body.text("file_type"),
        first_line=body.integer("first_line"),
        lines=body.lines("lines"),
        metadata=ChunkMetadata(
            summary=metadata.optional_text("summary"),
            first_user_message=metadata.optional_text("first_user_message"),
            git_info=metadata.anything("git_info"),
            latest_message_at=metadata.moment("latest_message_at"),
            created_at=metadata.moment("created_at"),
        ),
        rollout=metadata.record("codex_rollout") if metadata.has("codex_rollout") else None,
    )
    model = metadata.optional_text("model")
    if request.rollout is not None:
        _read_rollout(request.rollout)
    _check_chunk(request)
    limit("model", model, wire.MAX_MODEL)
    if request.file_type == wire.TRANSCRIPT:
        git.check(request.metadata.git_info)
    return request


def _check_chunk(request: ChunkRequest) -> None:
    require("session_id", request.session_id)
    require("file_name", request.file_name)
    require("file_type", request.file_type)
    if request.file_type == "todo":
        raise refusal(400, wire.TODO_NOT_SUPPORTED)
    if request.first_line < 1:
        raise refusal(400, wire.FIRST_LINE_TOO_SMALL)
    if not request.lines:
        raise refusal(400, wire.NO_LINES)
    limit("file_name", request.file_name, wire.MAX_FILE_NAME)
    limit("file_type", request.file_type, wire.MAX_FILE_TYPE)
    refuse_nul("file_type", request.file_type)
    check_file_name("file_name", request.file_name)
    for index, line in enumerate(request.lines):
        if "\n" in line:
            raise refusal(400, f"lines[{index}] contains a newline")
    for name, value, longest in (
        ("summary", request.metadata.summary, wire.MAX_SUMMARY),
        ("first_user_message", request.metadata.first_user_message, wire.MAX_FIRST_USER_MESSAGE),
    ):
        limit(name, value, longest)
        refuse_nul(name, value)


def check_file_name(field: str, name: str) -> None:
    """Refuse a name that would lead out of a directory (contract §3.3 warns readers of them)."""
    try:
        check_name(name)
    except StoreError:
        raise refusal(400, f"{field} is not a clean relative path") from None


def _read_rollout(rollout: Record) -> tuple[str, str]:
    return rollout.text("thread_uuid"), rollout.text("rollout_path")


def check_rollout(rollout: Record, provider: str) -> None:
    """Refuse `codex_rollout` for other assistants, and one that names no thread (§2.5)."""
    if provider != "codex":
        raise refusal(400, wire.CODEX_ROLLOUT_ONLY)
    thread, path = _read_rollout(rollout)
    try:
        UUID(thread)
    except ValueError:
        raise refusal(400, "codex_rollout.thread_uuid must be a UUID") from None
    limit("codex_rollout.rollout_path", path, wire.MAX_TRANSCRIPT_PATH)


def event_request(data: bytes) -> EventRequest:
    """What `/sync/event` is to record (contract §2.6); raises `RequestRefused`."""
    body = parsed(data, wire.INVALID_EVENT_BODY)
    session_id, event_type = body.text("session_id"), body.text("event_type")
    timestamp, payload = body.moment("timestamp"), body.anything("payload")
    require("session_id", session_id)
    require("event_type", event_type)
    if event_type != wire.SESSION_END:
        raise refusal(400, wire.INVALID_EVENT_TYPE)
    if timestamp is None:
        raise refusal(400, wire.TIMESTAMP_REQUIRED)
    return EventRequest(session_id, timestamp, payload)
