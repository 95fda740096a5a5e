"""What the daemon tells others about itself: the content of its state file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from confab_sync.errors import BackendUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from confab_sync.engine.report import CycleReport

FILES_SHOWN = 500
"""Files listed one by one; of more, those that are behind or remarkable come first."""


class Status:
    """The state, written when it changes and only then.

    `write` puts a state on disk; a disk that refuses it does not stop the daemon.
    """

    def __init__(
        self,
        state: dict[str, Any],
        write: Callable[[dict[str, Any]], None],
        now: Callable[[], str],
    ) -> None:
        self._state = dict(state)
        self._written: dict[str, Any] | None = None
        self._write = write
        self._now = now

    def text(self, name: str) -> str:
        """A field as it is now; empty when it is missing."""
        return str(self._state.get(name, ""))

    def set(self, **fields: object) -> None:
        """Change fields and write if anything is different."""
        self._state.update(fields)
        self.flush()

    def phase(self, phase: str, **fields: object) -> None:
        """Enter a phase: starting, waiting, syncing, resting, stopping."""
        if self._state.get("phase") != phase:
            self._state.update(phase=phase, phase_since=self._now())
        self.set(**fields)

    def cycle(self, report: CycleReport) -> None:
        """Take over what a cycle came to."""
        state = self._state
        if report.recorded_path:
            state["transcript_path"] = report.recorded_path
        if report.backend:
            state["backend"] = report.backend
        if report.backend_session_id:
            state["confab_session_id"] = report.backend_session_id
        self._connection(report)
        state.update(
            lines=sum(file.lines for file in report.files),
            bytes=sum(file.bytes for file in report.files),
            behind_bytes=report.behind,
            files=[_shown(file) for file in _picked(report)],
            files_omitted=max(0, len(report.files) - FILES_SHOWN),
        )
        work = state.setdefault("work", {"cycles": 0})
        if report.did_something or report.error:
            work["cycles"] += 1
            for name in report.work.__slots__:
                work[name] = work.get(name, 0) + getattr(report.work, name)
        self.flush()

    def flush(self) -> None:
        """Write the state if it is not what was last written."""
        if self._state == self._written:
            return
        try:
            self._write(self._state)
        except OSError:
            return
        self._written = _copy(self._state)

    def _connection(self, report: CycleReport) -> None:
        state = self._state
        if report.error is not None:
            offline = isinstance(report.error, BackendUnavailable)
            state["connection"] = "offline" if offline else "error"
            if state.get("last_error") != str(report.error):
                state.update(last_error=str(report.error), last_error_at=self._now())
        elif report.backend_session_id:
            if report.did_something or state.get("connection") != "online":
                state["last_online_at"] = self._now()
            state["connection"] = "online"
            state.pop("last_error", None)
            state.pop("last_error_at", None)


def _picked(report: CycleReport) -> list[Any]:
    if len(report.files) <= FILES_SHOWN:
        return list(report.files)
    remarkable = [file for file in report.files if file.behind or file.note]
    rest = [file for file in report.files if not (file.behind or file.note)]
    return (remarkable + rest)[:FILES_SHOWN]


def _shown(file: Any) -> dict[str, object]:
    shown = {
        "name": file.name,
        "kind": file.kind,
        "lines": file.lines,
        "bytes": file.bytes,
        "behind_bytes": file.behind,
    }
    return {**shown, "note": file.note} if file.note else shown


def _copy(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: dict(value) if isinstance(value, dict) else value for name, value in state.items()
    }
