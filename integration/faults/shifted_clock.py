"""A wall clock of one's own for some processes, which a test may turn while they run.

A shared object that every process of a mount namespace loads adds to what the C library
says of the time of day. The monotonic clock, and everybody outside, is left alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.requirements import tool

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long offset(void) {
    char text[32] = "0";
    int file = open(OFFSET_FILE, O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    text[length > 0 ? length : 0] = 0;
    return atol(text);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int status = real(clock, now);
    if (!status && clock == CLOCK_REALTIME) now->tv_sec += offset();
    return status;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *now, void *zone) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}
"""


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """What `inside` runs has a clock that `shift` turns; it works on Linux, for root."""

    directory: Path

    @classmethod
    def create(cls, directory: Path) -> ShiftedClock:
        """Build it below `directory`. Skips the test that asks where that is impossible."""
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            pytest.skip("turning the clock of some processes only needs Linux and root")
        directory.mkdir()
        source, built = directory / "clock.c", directory / "clock.so"
        source.write_text(_SOURCE)
        # The loader reads one file in /etc, so they get an /etc of their own.
        subprocess.run(["cp", "-a", "/etc", str(directory / "etc")], check=True)
        (directory / "etc" / "ld.so.preload").write_text(f"{built}\n")
        where = f'-DOFFSET_FILE="{directory / "offset"}"'
        command = [tool("cc"), "-shared", "-fPIC", "-O1", where, str(source), "-o", str(built)]
        subprocess.run(command, check=True)
        return cls(directory)

    @property
    def inside(self) -> tuple[str, ...]:
        """What a command is preceded by to have that clock, and all that it starts."""
        bind = f'mount --bind "{self.directory}/etc" /etc && exec "$@"'
        return (tool("unshare"), "--mount", "/bin/sh", "-c", bind, "clock")

    def shift(self, seconds: int) -> None:
        """Let the clock be so many seconds ahead from now on."""
        fresh = self.directory / "offset.new"
        fresh.write_text(str(seconds))
        fresh.rename(self.directory / "offset")
