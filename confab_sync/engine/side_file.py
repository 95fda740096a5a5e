"""Keeping the copy of one file that is archived whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from confab_sync.engine.position import Position
from confab_sync.engine.reader import open_reader
from confab_sync.store.values import SideFile

if TYPE_CHECKING:
    from confab_sync.engine.assistant import Sighting
    from confab_sync.engine.destination import Destination
    from confab_sync.engine.known import KnownFile

LARGEST = 128 * 1024 * 1024
"""Bytes: a side file is kept whole in memory while it is sent; a larger one is
not archived, and reported."""


def archive(sighting: Sighting, known: KnownFile, to: Destination) -> KnownFile | None:
    """Send the file unless that was done; what is known of it then.

    None when it changed while it was read: the next cycle sees it again. Raises `OSError`
    when it cannot be read, and `BackendError`.
    """
    was_sent = known.mtime_ns != 0
    if was_sent and known.is_all_of(sighting):
        return known
    data = _read_whole(sighting, to)
    if data is None:
        return None
    side_file = SideFile(sighting.name, data, sighting.mtime_ns)
    to.backend.put_side_file(to.session_id, side_file)
    to.meter.add(bytes_sent=len(data), side_files_sent=1, commits=1)
    known = replace(
        known,
        position=Position(0, len(data)),
        size=sighting.size,
        mtime_ns=sighting.mtime_ns,
        note="",
    )
    to.ledger.acknowledge(known)
    return known


def _read_whole(sighting: Sighting, to: Destination) -> bytes | None:
    with open_reader(sighting.path) as reader:
        to.meter.add(files_opened=1)
        data = reader.read(0, sighting.size + 1)
        status = reader.status()
        to.meter.add(bytes_read=reader.bytes_read, stats=reader.stats)
    found = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    return data if found == sighting.signature and len(data) == sighting.size else None
