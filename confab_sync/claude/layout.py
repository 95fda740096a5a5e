"""Which files a session of Claude Code has, and where they lie now.

Source: the behaviour sheet §1 and contract §4.7. Imported by the resting daemon, so it
needs nothing but `os`.
"""

from __future__ import annotations

import errno
import os

from confab_sync.paths import HIDDEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Protocol

    class Signed(Protocol):
        """A file and what changes when it changes."""

        path: str

        @property
        def signature(self) -> tuple[int, int, int, int]:
            """Device, inode, size in bytes, mtime in ns."""


TRANSCRIPT = "transcript"
AGENT = "agent"
WORKFLOW_JOURNAL = "workflow_journal"
SIDE = "side"


ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG})
"""What the system says where there is nothing to archive; anything else may hide a file."""


class Sighting:
    """One file of a session as a directory listing showed it.

    `trouble` is why nothing is known of it: a permission that is missing, a disk or a network
    that does not answer. Then a directory may stand for all that is in it.
    """

    __slots__ = ("device", "inode", "kind", "mtime_ns", "name", "path", "size", "trouble")

    def __init__(self, name: str, kind: str, path: str, status: os.stat_result | OSError) -> None:
        self.name = name
        self.kind = kind
        self.path = path
        self.trouble = status if isinstance(status, OSError) else None
        known = None if isinstance(status, OSError) else status
        self.size = known.st_size if known else 0
        self.mtime_ns = known.st_mtime_ns if known else 0
        self.inode = known.st_ino if known else 0
        self.device = known.st_dev if known else 0

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What changes when the file changes: device, inode, size in bytes, mtime in ns."""
        return (self.device, self.inode, self.size, self.mtime_ns)


def session_dir(transcript_path: str) -> str:
    """The directory of a session's subagents, tool results and workflows."""
    return transcript_path.removesuffix(".jsonl")


def session_files(transcript_path: str, status: os.stat_result | None = None) -> Iterator[Sighting]:
    """Every file of the session that exists now; the transcript first, then by directory.

    Found by listing recursively, never from what the transcript says (behaviour sheet §7).
    Symbolic links and temporary files are passed over. What cannot be looked at is among
    them, with its `trouble`: it may be there. `status` is that of the transcript, if the
    caller has just looked at it.
    """
    return _listed(transcript_path, status, [])


def survey(transcript_path: str) -> tuple[list[Sighting], list[str]]:
    """The same files, and the session's directory with all in it, from one listing of each.

    Of the directories those that exist; links are not followed.
    """
    directories: list[str] = []
    return list(_listed(transcript_path, None, directories)), directories


def _listed(
    transcript_path: str, status: os.stat_result | None, directories: list[str]
) -> Iterator[Sighting]:
    seen = status or _look(transcript_path)
    if seen is not None and (isinstance(seen, OSError) or _is_file(seen)):
        name = os.path.basename(transcript_path)
        yield Sighting(_as_text(name), TRANSCRIPT, transcript_path, seen)
    directory = session_dir(transcript_path)
    if not os.path.islink(directory):
        yield from _listed_below(directory, "", directories)


def _listed_below(directory: str, prefix: str, directories: list[str]) -> Iterator[Sighting]:
    """What is in `directory`, which is added to `directories` if it is there."""
    try:
        entries = sorted(os.scandir(directory), key=_entry_name)
    except ValueError:
        return
    except OSError as error:
        if error.errno not in ABSENT:
            directories.append(directory)
            name = prefix.rstrip("/") or os.path.basename(directory)
            yield Sighting(_as_text(name), SIDE, directory, error)
        return
    directories.append(directory)
    for entry in entries:
        name = prefix + entry.name
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _listed_below(entry.path, name + "/", directories)
                continue
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            if error.errno not in ABSENT:  # which is what it is if it went since the listing
                yield Sighting(_as_text(name), SIDE, entry.path, error)
            continue
        if _is_file(status) and not _is_temporary(entry.name):
            sent_name, kind = classify(_as_text(name))
            yield Sighting(sent_name, kind, entry.path, status)


def classify(relative: str) -> tuple[str, str]:
    """The name and the kind under which a file of the session directory is archived.

    `relative` is its path below the session directory. Subagent transcripts go by their
    base name, those of workflows by their path, everything else is a side file
    (contract §4.7).
    """
    parts = relative.split("/")
    base = parts[-1]
    if parts[0] == "subagents" and base.endswith(".jsonl"):
        if len(parts) == 2 and base.startswith("agent-"):
            return base, AGENT
        if len(parts) == 4 and parts[1] == "workflows":
            if base.startswith("agent-"):
                return relative, AGENT
            if base == "journal.jsonl":
                return relative, WORKFLOW_JOURNAL
    return relative, SIDE


def agent_id(name: str) -> str:
    """The subagent whose transcript has this name: `1a2b` for `…/agent-1a2b.jsonl`."""
    return name.rpartition("/")[2].removeprefix("agent-").removesuffix(".jsonl")


def fingerprint(sightings: Iterable[Signed]) -> int:
    """One number that changes whenever any file of a session does; 0 while there is none.

    Made of names and signatures only, so that looking costs a listing and no reading.
    """
    import zlib

    value = 0
    for seen in sightings:
        facts = f"{seen.path}\0{seen.signature}".encode("utf-8", "surrogateescape")
        value = zlib.crc32(facts, value) or 1
    return value


def locate(transcript_path: str) -> str | None:
    """Where the transcript lies now; None when it is nowhere.

    Claude Code moves it to another project's directory on /cd and in worktrees, keeping
    its name (behaviour sheet §6). Of several, the one that was written to last is it.
    """
    if os.path.lexists(transcript_path):
        return transcript_path
    project, _, base = transcript_path.rpartition("/")
    projects = os.path.dirname(project)
    try:
        siblings = os.listdir(projects)
    except (OSError, ValueError):
        return None
    found = []
    for sibling in siblings:
        candidate = f"{projects}/{sibling}/{base}"
        status = _status(candidate)
        if status is not None and _is_file(status):
            found.append((status.st_mtime_ns, candidate))
    return max(found)[1] if found else None


def on_disk(recorded: str) -> str:
    """The path of the transcript whose path is on record as `recorded`.

    They differ where a directory's name was hidden; a transcript that is not there yet has no
    other path than the recorded one.
    """
    return (locate(recorded) or recorded) if HIDDEN in recorded else recorded


def _entry_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _status(path: str) -> os.stat_result | None:
    status = _look(path)
    return None if isinstance(status, OSError) else status


def _look(path: str) -> os.stat_result | OSError | None:
    """What is at `path`; None for nothing, and an error where that cannot be told."""
    try:
        return os.lstat(path)
    except ValueError:  # what no file can be called
        return None
    except OSError as error:
        return None if error.errno in ABSENT else error


def _as_text(name: str) -> str:
    """`name` as it can be stored and sent: bytes that are not UTF-8 are written out."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_file(status: os.stat_result) -> bool:
    return (status.st_mode & 0o170000) == 0o100000


def _is_temporary(base: str) -> bool:
    """Names on the way to another name, or from one.

    Claude Code's own (behaviour sheet §1), and what a network file system calls a file that was
    deleted or replaced while somebody has it open.
    """
    return ".tmp." in base or base.startswith((".nfs", ".fuse_hidden"))
