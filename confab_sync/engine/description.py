"""What the backend is told of a session beside its lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.store.values import SessionInfo

if TYPE_CHECKING:
    from confab_sync.engine.assistant import Assistant
    from confab_sync.engine.git_info import GitInfo
    from confab_sync.engine.subject import Subject
    from confab_sync.store.values import ChunkMetadata


class Description:
    """Puts together what the assistant's lines say and what the repository says."""

    def __init__(self, assistant: Assistant, git: GitInfo) -> None:
        self._assistant = assistant
        self._git = git

    def of_session(self, subject: Subject) -> SessionInfo:
        """The session when it is opened. The repository of a past session has moved on."""
        return SessionInfo(
            provider=self._assistant.provider,
            external_id=subject.external_id,
            transcript_path=subject.recorded_path or subject.transcript_path,
            cwd=subject.cwd,
            hostname=subject.hostname,
            username=subject.username,
            git_info=self._git.now(subject.cwd) if subject.is_live else None,
        )

    def of_lines(self, subject: Subject, kind: str, lines: bytes) -> ChunkMetadata:
        """What lines of a file of this kind say, their branch completed by its repository."""
        metadata = self._assistant.metadata(kind, lines)
        if not isinstance(metadata.git_info, dict):
            return metadata
        branch = str(metadata.git_info.get("branch", ""))
        info = self._git.on_branch(subject.cwd, branch, is_live=subject.is_live)
        return replace(metadata, git_info=info)
