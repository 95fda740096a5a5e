"""Whoever waits for a change hears of it, and nobody looks while nobody waits."""

from __future__ import annotations

import asyncio

from confab_sync.server.changes import Changes


class Thing:
    """Something that changes when it is told to, and counts how often it is looked at."""

    def __init__(self) -> None:
        self.value: int | None = 0
        self.looks = 0

    def mark(self) -> int | None:
        self.looks += 1
        return self.value


def test_change_while_somebody_waits_ends_the_wait() -> None:
    async def run() -> None:
        thing = Thing()
        changes = Changes((thing.mark,), every=0.01)
        known = await changes.wait(-1, 60)
        waits = [asyncio.create_task(changes.wait(known, 60)) for _ in range(3)]
        await asyncio.sleep(0)
        thing.value = 1
        assert await asyncio.gather(*waits) == [known + 1] * 3

    asyncio.run(run())


def test_change_while_nobody_waited_is_told_at_once() -> None:
    async def run() -> None:
        thing = Thing()
        changes = Changes((thing.mark,), every=60)
        known = await changes.wait(-1, 60)
        thing.value = 1
        assert await changes.wait(known, 60) > known

    asyncio.run(run())


def test_without_a_change_the_wait_ends_in_time_and_so_does_the_looking() -> None:
    async def run() -> None:
        thing = Thing()
        changes = Changes((thing.mark,), every=0.01)
        known = await changes.wait(-1, 60)
        assert await changes.wait(known, 0.05) == known
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)  # the one that looks ends by itself
        looks = thing.looks
        await asyncio.sleep(0.05)
        assert thing.looks == looks

    asyncio.run(run())


def test_what_cannot_be_told_is_no_change() -> None:
    async def run() -> None:
        thing = Thing()
        changes = Changes((thing.mark,), every=0.01)
        known = await changes.wait(-1, 60)
        thing.value = None
        assert await changes.wait(known, 0.05) == known
        thing.value = 0
        assert await changes.wait(known, 0.05) == known

    asyncio.run(run())


def test_end_of_the_server_ends_every_wait() -> None:
    async def run() -> None:
        changes = Changes((Thing().mark,), every=60)
        known = await changes.wait(-1, 60)
        wait = asyncio.create_task(changes.wait(known, 60))
        await asyncio.sleep(0)
        changes.end()
        assert await wait == known
        assert changes.is_over
        assert await changes.wait(known, 60) == known

    asyncio.run(run())
