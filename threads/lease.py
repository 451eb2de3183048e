"""One writer a thread: turns on the same thread wait for each other, first come first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from threads.errors import ThreadBusy

MAX_WAITING = 16
"""Turns that may wait for one thread."""


@dataclass
class _Place:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class MemoryLeases:
    """Leases within this process."""

    def __init__(self) -> None:
        self._places: dict[str, _Place] = {}

    def check(self, thread_id: str) -> None:
        """Raise ThreadBusy when the queue of this thread is full."""
        place = self._places.get(thread_id)
        if place is not None and place.users > MAX_WAITING:
            raise ThreadBusy(thread_id, MAX_WAITING)

    @asynccontextmanager
    async def hold(self, thread_id: str) -> AsyncIterator[None]:
        """Be the thread's only writer; waits for those before."""
        place = self._places.setdefault(thread_id, _Place())
        place.users += 1
        try:
            async with place.lock:
                yield
        finally:
            place.users -= 1
            if place.users == 0:
                self._places.pop(thread_id, None)
