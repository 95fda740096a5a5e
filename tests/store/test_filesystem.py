"""The write-ahead log is only used where it is known to be safe."""

from __future__ import annotations

import pytest

from confab_sync.store.filesystem import LOCAL_TYPES, mounts_of_bsd, mounts_of_linux, type_at

LINUX = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid shared:2 - proc proc rw
90 22 0:45 / /home/ann/net\\040share rw shared:3 - nfs4 server:/x rw,vers=4.2
91 22 0:46 / /home rw - autofs systemd-1 rw
92 91 0:47 / /home rw master:4 propagate_from:2 - btrfs /dev/sdb rw
broken line
"""

MACOS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse, protect)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//ann@server/on share on /Volumes/on share (smbfs, nodev, nosuid, mounted by ann)
/dev/disk4s1 on /Volumes/Time (old) (apfs, local, journaled)
//server/x on /Volumes/fake (apfs, nodev)
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/etc", "ext4"),
        ("/homework", "ext4"),
        ("/home/ann", "btrfs"),
        ("/home/ann/net share/x", "nfs4"),
        ("/proc/1", "proc"),
    ],
)
def test_deepest_and_latest_linux_mount_decides(path: str, kind: str) -> None:
    assert type_at(path, mounts_of_linux(LINUX)) == kind


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/Users/ann", "apfs"),
        ("/System/Volumes/Data/Users/ann", "apfs"),
        ("/System/Volumes/Data/home/x", "not local"),
        ("/Volumes/on share/x", "not local"),
        ("/Volumes/Time (old)/x", "apfs"),
        ("/Volumes/fake/x", "not local"),
    ],
)
def test_deepest_macos_mount_decides_and_has_to_be_local(path: str, kind: str) -> None:
    assert type_at(path, mounts_of_bsd(MACOS)) == kind


def test_without_a_mount_table_nothing_is_known() -> None:
    assert type_at("/home", []) is None


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "smbfs", "cifs", "9p", "fuse.sshfs", "not local"])
def test_network_file_systems_are_not_local(kind: str) -> None:
    assert kind not in LOCAL_TYPES
