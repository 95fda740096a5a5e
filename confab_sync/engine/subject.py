"""The session that a cycle is about, as its daemon knows it when the cycle starts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """One session. `is_live` says that it goes on now, so that its directory is as it was.

    `recorded_path` is where the records say that the transcript lies, if they say it: in it the
    name of a directory may be hidden.
    """

    external_id: str
    transcript_path: str
    cwd: str
    hostname: str = ""
    username: str = ""
    is_live: bool = True
    recorded_path: str = ""
