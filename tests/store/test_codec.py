"""What is packed comes out as it was, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from confab_sync.store.codec import NotAsWritten, Packer, digest, pack, unpack


@settings(deadline=None)
@given(st.binary(max_size=5000))
def test_unpacking_gives_back_what_was_packed(raw: bytes) -> None:
    assert unpack(pack(raw), len(raw), digest(raw)) == raw


def test_other_bytes_than_the_digest_says_are_refused() -> None:
    with pytest.raises(NotAsWritten, match="digest"):
        unpack(pack(b"abd"), 3, digest(b"abc"))


@pytest.mark.parametrize("packed", [b"", b"no frame", pack(b"abc")[:-2]])
def test_something_that_is_no_frame_is_refused(packed: bytes) -> None:
    with pytest.raises(NotAsWritten):
        unpack(packed, 3, digest(b"abc"))


def test_a_frame_that_announces_too_much_is_not_even_tried() -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(10_000_000))
    with pytest.raises(NotAsWritten, match="holds 10000000 bytes instead of 3"):
        unpack(bomb, 3, digest(b"abc"))


def test_one_packer_packs_for_several_threads_what_comes_out_again() -> None:
    packer = Packer()
    raws = [bytes([number]) * 200_000 + b"end" for number in range(16)]
    with ThreadPoolExecutor(4) as pool:
        for raw, packed in zip(raws, pool.map(packer.packed, raws), strict=True):
            assert packed.raw is raw
            assert unpack(packed.data, len(raw), packed.digest) == raw
