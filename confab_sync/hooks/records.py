"""The inbox records that hooks write."""

from __future__ import annotations

from confab_sync.presence import inbox
from confab_sync.presence.state import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from confab_sync.claude.payload import Payload
    from confab_sync.process import Identity


def start_record(payload: Payload, parent: Identity | None, project_dir: str) -> inbox.Record:
    """Somebody opened the session; `project_dir` is where Claude Code was started."""
    return {
        "type": inbox.START,
        "timestamp": timestamp(),
        "source": payload.text("source") or "prompt",
        "transcript_path": payload.transcript_path,
        "cwd": payload.cwd,
        "project_dir": project_dir,
        "parent": parent.to_json() if parent else None,
    }


def moved_record(payload: Payload) -> inbox.Record:
    """The transcript lies elsewhere now."""
    return {
        "type": inbox.MOVED,
        "timestamp": timestamp(),
        "transcript_path": payload.transcript_path,
        "cwd": payload.cwd,
    }


def end_record(payload: Payload, parent: Identity | None) -> inbox.Record:
    """Somebody ended the session; the first fields are the Go CLI's (contract §4.2)."""
    return {
        "type": inbox.END,
        "timestamp": timestamp(),
        "hook_input": {
            "session_id": payload.session_id,
            "transcript_path": payload.transcript_path,
            "cwd": payload.cwd,
            "permission_mode": payload.text("permission_mode"),
            "hook_event_name": payload.event,
            "reason": payload.text("reason"),
        },
        "parent": parent.to_json() if parent else None,
    }
