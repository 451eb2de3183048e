"""The process itself: one for each data folder, and what SIGTERM does to it."""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

M_ARENA_MAX = -8
"""Of `malloc.h`."""


class DataFolderBusy(OSError):
    """Another process serves from this data folder."""


@contextmanager
def only_process(data_dir: Path) -> Iterator[None]:
    """Be the only process on a data folder: leases and run logs are in one process's memory.

    Raises:
        DataFolderBusy: another one is.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataFolderBusy(
                f"expected to be the only process on {data_dir}; another one serves from it, "
                "and this version runs as one worker"
            ) from None
        yield


def share_one_heap() -> None:
    """Let all threads share one malloc arena (glibc), which saves 17 of 205 MB.

    Under the interpreter's lock they hardly ever allocate at once, and each arena keeps what a
    fit once needed in it.
    """
    try:
        ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, 1)
    except (OSError, AttributeError):
        return  # no glibc, no arenas


@contextmanager
def draining_on_sigterm(drain: Callable[[], Awaitable[None]]) -> Iterator[None]:
    """Begin to `drain` at SIGTERM or SIGINT, before the server's own handler.

    uvicorn waits for open connections before it ends the lifespan, and a stream ends only with its
    turn; so the turns must be told first.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals reach the main thread only
        return
    loop = asyncio.get_running_loop()
    draining: list[asyncio.Future[None]] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def begin() -> None:
        draining.append(asyncio.ensure_future(drain(), loop=loop))

    def handle(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin)
        previous = before[signal.Signals(number)]
        if callable(previous):
            previous(number, frame)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
