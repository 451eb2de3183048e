"""The events of a run, appended once and read by any number of readers from any point."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from threads.errors import RunNotFound
from threads.events import TERMINAL, RunEvent, RunFailed

KEEP_SECONDS = 120.0
"""A finished run can be read again for so long."""
KEEP_RUNS = 2000
"""Finished runs kept at most, however recent."""


@dataclass
class _Run:
    thread_id: str
    events: list[RunEvent] = field(default_factory=list)
    grown: asyncio.Event = field(default_factory=asyncio.Event)
    """Set, and replaced, whenever an event is appended."""
    finished_at: float | None = None


class MemoryRunLog:
    """A run log in this process. Events are numbered from 1."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._finished: deque[tuple[float, str]] = deque()
        """When each run finished, in order."""

    def begin(self, run_id: str, thread_id: str) -> None:
        """Make room for a run."""
        self._forget_old()
        self._runs[run_id] = _Run(thread_id)

    def drop(self, run_id: str) -> None:
        """Forget a run that was not accepted after all."""
        self._runs.pop(run_id, None)

    def append(self, run_id: str, event: RunEvent) -> None:
        """Add the next event; one after a terminal event, or of an erased run, is dropped."""
        run = self._runs.get(run_id)
        if run is None or run.finished_at is not None:
            return
        run.events.append(event)
        if isinstance(event, TERMINAL):
            run.finished_at = time.monotonic()
            self._finished.append((run.finished_at, run_id))
        grown, run.grown = run.grown, asyncio.Event()
        grown.set()

    def is_known(self, run_id: str) -> bool:
        """True while the run can be read."""
        return run_id in self._runs

    def is_finished(self, run_id: str, after: int = 0) -> bool:
        """True when nothing is left to read after event number `after`.

        Raises:
            RunNotFound: the run is unknown or no longer kept.
        """
        run = self._find(run_id)
        return run.finished_at is not None and after >= len(run.events)

    async def read(self, run_id: str, after: int = 0) -> AsyncIterator[tuple[int, RunEvent]]:
        """Number and event of all after `after`, waiting for those to come; ends with the run.

        Raises:
            RunNotFound: the run is unknown or no longer kept.
        """
        run = self._find(run_id)
        position = min(after, len(run.events))
        while True:
            grown = run.grown
            while position < len(run.events):
                position += 1
                yield position, run.events[position - 1]
            if run.finished_at is not None:
                return
            await grown.wait()

    def erase_thread(self, thread_id: str) -> None:
        """Forget every run of a thread; readers of a running one are told."""
        for run_id in [i for i, run in self._runs.items() if run.thread_id == thread_id]:
            self.append(run_id, RunFailed("thread_deleted", "This thread was deleted."))
            del self._runs[run_id]

    def _find(self, run_id: str) -> _Run:
        run = self._runs.get(run_id)
        if run is None:
            raise RunNotFound(run_id)
        return run

    def _forget_old(self) -> None:
        horizon = time.monotonic() - KEEP_SECONDS
        while self._finished:
            finished_at, run_id = self._finished[0]
            if finished_at > horizon and len(self._finished) <= KEEP_RUNS:
                return
            self._finished.popleft()
            self._runs.pop(run_id, None)
