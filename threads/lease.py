"""One writer a thread: turns on the same thread wait for each other, first come first served."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from threads.errors import ThreadBusy

MAX_WAITING = 16
"""Turns that may wait for one thread."""


class MemoryLeases:
    """Leases within this process."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}
        """Thread -> those who hold or await its lease, or have reserved a place."""

    def reserve(self, thread_id: str) -> None:
        """Take a place in the thread's queue; give it back with `release`.

        Raises:
            ThreadBusy: the queue is full.
        """
        if self._users.get(thread_id, 0) > MAX_WAITING:
            raise ThreadBusy(thread_id, MAX_WAITING)
        self._users[thread_id] = self._users.get(thread_id, 0) + 1

    def release(self, thread_id: str) -> None:
        """Give a reserved place back."""
        self._users[thread_id] -= 1
        if self._users[thread_id] == 0:
            del self._users[thread_id]
            self._locks.pop(thread_id, None)

    @asynccontextmanager
    async def hold(self, thread_id: str) -> AsyncIterator[None]:
        """Be the thread's only writer, on a place reserved before; waits for those before."""
        async with self._locks.setdefault(thread_id, asyncio.Lock()):
            yield
