"""What a process that outlives its starter may inherit: few variables, no open files.

Imported by hooks.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def close_descriptors_above(number: int) -> None:
    """Close every file that this process has open above the descriptor `number`."""
    try:
        names = os.listdir("/dev/fd")
    except OSError:  # a bare container; the limit itself may be a thousand million
        os.closerange(number + 1, 65536)
        return
    for name in names:
        if name.isdigit() and int(name) > number:
            try:
                os.close(int(name))
            except OSError:  # the one that the listing itself used
                pass


KEPT = frozenset(
    (
        *("HOME", "PATH", "LANG", "LANGUAGE", "TZ", "TMPDIR", "USER", "LOGNAME"),
        *("CLAUDE_CONFIG_DIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
        *("CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
        *("NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    )
)
KEPT_PREFIXES = ("LC_", "XDG_", "CONFAB_")
ADDED = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "1040000",
    "MALLOC_TRIM_THRESHOLD_": "16000000",
}
"""What a detached process has besides: how glibc lays out its memory (mallopt(3)).

One heap for all threads: with one for each, what they free stays, in pieces, until the process
ends. Its end stays as well, and what is smaller than a batch (bytes) comes from it: asking the
system for each block anew costs a fifth of the time of a backlog. Larger blocks go back at once.
Other C libraries do not know the variables.
"""

SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")
"""What a variable is called that holds a secret; none of ours does, but a user may make one up."""


def kept_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of a detached process: no key or token of the caller's.

    Source: design, "Ownership and spawning" (keep-list); behaviour sheet §4.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name in KEPT or (name.startswith(KEPT_PREFIXES) and not _may_be_secret(name))
    }
    return {**kept, **ADDED}


def _may_be_secret(name: str) -> bool:
    upper = name.upper()
    return any(word in upper for word in SECRET_WORDS)
