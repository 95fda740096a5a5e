"""Digests are hashlib's, whatever computes them: old stores and registries hold them."""

from __future__ import annotations

import hashlib
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from confab_sync.digests import blake2b_of


@given(st.lists(st.binary(max_size=300)), st.integers(1, 64))
def test_a_digest_is_the_one_of_hashlib(pieces: list[bytes], size: int) -> None:
    whole = hashlib.blake2b(b"".join(pieces), digest_size=size).digest()
    assert blake2b_of(pieces, size) == whole


def test_a_daemon_with_the_embedded_store_loads_no_openssl() -> None:
    program = "import confab_sync.daemon.work, sys; print('_hashlib' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
