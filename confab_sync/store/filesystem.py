"""Whether a directory lies on a file system that SQLite's write-ahead log can trust."""

from __future__ import annotations

import os
import re
import sys

LOCAL_TYPES = frozenset(
    {
        "apfs", "bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "hfs", "jfs", "overlay",
        "reiserfs", "tmpfs", "xfs", "zfs",
    }
)  # fmt: skip
"""File systems of one machine, where processes share memory maps of a file.

The log needs that (https://www.sqlite.org/wal.html); on anything else, network and unknown
file systems alike, the store uses the older rollback journal.
"""


def is_local(path: str) -> bool:
    """Whether the existing `path` is known to lie on a local file system; unsure means no."""
    return kind_of(path) in LOCAL_TYPES


def kind_of(path: str) -> str | None:
    """The type of the file system that `path` lies on; None when that cannot be told."""
    try:
        mounts = _ask_mount() if sys.platform == "darwin" else _read_mountinfo()
    except OSError:
        return None
    return type_at(os.path.realpath(path), mounts)


def _read_mountinfo() -> list[tuple[str, str]]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        return mounts_of_linux(file.read())


def _ask_mount() -> list[tuple[str, str]]:
    import subprocess  # slow to import, and only needed here

    try:
        done = subprocess.run(["/sbin/mount"], capture_output=True, check=True, timeout=5)
    except subprocess.SubprocessError:
        return []
    return mounts_of_bsd(os.fsdecode(done.stdout))


def type_at(path: str, mounts: list[tuple[str, str]]) -> str | None:
    """The type of the file system at the absolute `path`, or `None` when no mount holds it.

    `mounts` are (mount point, type) in the order they were mounted: the deepest mount point
    wins, and among equals the latest, which hides the others.
    """
    best: tuple[str, str] | None = None
    for point, kind in mounts:
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and (best is None or len(point) >= len(best[0])):
            best = (point, kind)
    return best[1] if best else None


def mounts_of_linux(mountinfo: str) -> list[tuple[str, str]]:
    """The mounts in the text of `/proc/self/mountinfo` (proc(5))."""
    mounts = []
    for line in mountinfo.splitlines():
        before, separator, after = line.partition(" - ")
        fields = before.split(" ")
        if separator and len(fields) >= 5:
            point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[4])
            mounts.append((point, after.split(" ")[0]))
    return mounts


def mounts_of_bsd(listing: str) -> list[tuple[str, str]]:
    """The mounts in what macOS's mount(8) prints: `/dev/disk3s1 on / (apfs, local, …)`."""
    mounts = []
    for line in listing.splitlines():
        match = re.fullmatch(r".+? on (/.*) \(([^,()]+)((?:, [^,()]+)*)\)", line)
        if match and "local" in match[3].split(", "):
            mounts.append((match[1], match[2]))
        elif match:
            mounts.append((match[1], "not local"))
    return mounts
