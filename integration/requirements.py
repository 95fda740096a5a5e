"""What a test needs from the machine: fetched where that is possible, else a reason to skip."""

import os
import shutil
import subprocess
import sys

import pytest

_PACKAGES = {
    "git": "git",
    "tmux": "tmux",
    "ip": "iproute2",
    "cc": "gcc",
    "strace": "strace",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "sshfs": "sshfs",
    "sftp-server": "openssh-sftp-server",
    "nsenter": "util-linux",
    "chromium": "chromium",
}
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/openssh"


def tool(name: str) -> str:
    """Return the path of the program `name`, installing its Debian package as root if missing.

    Skips the test that asks when the program is not there and cannot be installed.
    """
    found = _find(name)
    if found is None and name in _PACKAGES:
        _apt_install(_PACKAGES[name])
        found = _find(name)
    if found is None:
        pytest.skip(f"the program '{name}' is not installed")
    return found


def chromium() -> str:
    """Return the path of a browser of Chromium's kind, installing Debian's as root if missing."""
    others = ("chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in ("chromium", *others) if (path := _find(name))), None)
    return found or tool("chromium")


def own_host_name() -> None:
    """Skip the test that asks unless this process may give others a host name of their own."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        pytest.skip("a host name of one's own needs root, and Linux")
    probe = subprocess.run([tool("unshare"), "--uts", "true"], capture_output=True, check=False)
    if probe.returncode != 0:
        pytest.skip(f"no host name of one's own here: {probe.stderr.decode().strip()}")


def network_namespace() -> None:
    """Skip the test that asks unless this process may make a network namespace."""
    if not sys.platform.startswith("linux"):
        pytest.skip("network namespaces exist on Linux only")
    if os.geteuid() != 0:
        pytest.skip("making a network namespace needs root")
    probe = subprocess.run(
        [tool("unshare"), "--net", "true"], capture_output=True, text=True, check=False
    )
    if probe.returncode != 0:
        pytest.skip(f"no network namespace can be made here: {probe.stderr.strip()}")


def _find(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path=_SYSTEM_PATH)


def _apt_install(package: str) -> None:
    """Install a Debian package; a failure shows in that the program is still missing."""
    apt = _find("apt-get")
    if apt is None or os.geteuid() != 0:
        return
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", package]):
        subprocess.run(
            [apt, "-q", *arguments], env=environ, capture_output=True, timeout=600, check=False
        )
