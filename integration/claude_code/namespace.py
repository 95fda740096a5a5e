"""A network namespace that has nothing but loopback, in which every client is started."""

import subprocess
from types import TracebackType
from typing import Self

from integration import requirements

_GUARD = """
if tail -n +3 /proc/self/net/dev | grep -qv '^ *lo:'; then
    echo 'refused: this namespace has more than loopback' >&2
    exit 97
fi
exec "$@"
"""
"""Runs its arguments, but only where nothing can leave the machine."""


class LoopbackOnly:
    """A namespace that lives as long as this context; commands enter it by prefix."""

    def __init__(self) -> None:
        requirements.network_namespace()
        requirements.tool("ip")
        self._nsenter = requirements.tool("nsenter")
        self._holder: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        # The holder ends with its stdin: when the test run dies, the namespace goes with it.
        hold = f"{requirements.tool('ip')} link set lo up && echo up && exec cat"
        self._holder = subprocess.Popen(
            [requirements.tool("unshare"), "--net", "sh", "-c", hold],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "up\n", "loopback could not be brought up"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._holder is not None
        self._holder.communicate()

    def inside(self, *command: str) -> list[str]:
        """Return `command` as it must be run to take place inside the namespace."""
        assert self._holder is not None, "the namespace is entered before it is used"
        network = f"--net=/proc/{self._holder.pid}/ns/net"
        return [self._nsenter, network, "--", *guarded(*command)]


def guarded(*command: str) -> list[str]:
    """Return `command` preceded by the check that refuses any interface other than loopback."""
    return ["sh", "-c", _GUARD, "loopback-only", *command]
