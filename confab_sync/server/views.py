"""Sessions and files as the answers show them (contract §2.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from confab_sync.server.moments import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from confab_sync.store.values import StoredFile, StoredSession


def files(listing: Iterable[StoredFile]) -> list[dict[str, object]]:
    """The files of a session, in the order in which they come."""
    return [
        {
            "file_name": file.name,
            "file_type": file.file_type,
            "last_synced_line": file.lines,
            "updated_at": text_of(file.updated_at),
        }
        for file in listing
    ]


def detail(
    session: StoredSession, listing: Iterable[StoredFile], owner_email: str
) -> dict[str, object]:
    """A session as its owner sees it."""
    return present(
        {
            "id": session.session_id,
            "external_id": session.external_id,
            "provider": session.provider,
            "summary": session.summary,
            "first_user_message": session.first_user_message,
            "first_seen": text_of(session.first_seen),
            "cwd": session.cwd,
            "transcript_path": session.transcript_path,
            "git_info": session.git_info,
            "last_sync_at": text_of(session.last_sync_at),
            "files": files(listing),
            "hostname": session.hostname,
            "username": session.username,
            "is_owner": True,
            "owner_email": owner_email,
            **live(session),
        }
    )


def live(session: StoredSession) -> dict[str, object]:
    """What the session's daemon last said of itself, and when; nothing if it never did."""
    if session.live is None or session.live_at is None:
        return {}
    return {"live": session.live, "live_at": text_of(session.live_at)}


def condensed_metadata(session: StoredSession, lines: int) -> dict[str, object]:
    """What stands beside a condensed transcript of so many lines."""
    git_info = session.git_info if isinstance(session.git_info, dict) else {}
    title = session.summary if session.summary is not None else session.first_user_message
    return {
        "session_id": session.session_id,
        "external_id": session.external_id,
        "title": title or "",
        **present(
            {
                "repo": repository(git_info),
                "branch": text_in(git_info, "branch"),
                "first_seen": text_of(session.first_seen),
                "last_sync_at": text_of(session.last_sync_at),
                "total_lines": lines,
            }
        ),
    }


def repository(git_info: object) -> str | None:
    """The last two segments of a repository's URL, without `.git`."""
    url = text_in(git_info, "repo_url")
    if not url:
        return None
    return "/".join(url.rstrip("/").removesuffix(".git").split("/")[-2:])


def text_in(git_info: object, key: str) -> str | None:
    """A text of `git_info`, which may be any JSON."""
    value = git_info.get(key) if isinstance(git_info, dict) else None
    return value if isinstance(value, str) and value else None


def present(fields: dict[str, object]) -> dict[str, object]:
    """The fields that have a value: Go leaves out what is nil."""
    return {key: value for key, value in fields.items() if value is not None}
