"""The journal, the run log and the leases, each by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from threads.errors import RunNotFound, ThreadBusy, ThreadNotFound
from threads.events import RunFailed, TextDelta
from threads.journal import Journal
from threads.lease import MAX_WAITING, MemoryLeases
from threads.run_log import MemoryRunLog


def with_journal(path: Path, act: Callable[[Journal], Awaitable[None]]) -> None:
    """Open a journal, act on it, close it."""

    async def run() -> None:
        journal = Journal(path)
        await journal.open()
        try:
            await act(journal)
        finally:
            await journal.close()

    asyncio.run(run())


def test_a_turn_cut_by_a_crash_is_marked_at_the_next_start(tmp_path: Path) -> None:
    async def crash(journal: Journal) -> None:
        await journal.accept("t", "r1", "where is it")

    async def look(journal: Journal) -> None:
        _, turns = await journal.thread("t")
        assert [(t.status, t.query) for t in turns] == [("interrupted", "where is it")]

    with_journal(tmp_path / "threads.db", crash)
    with_journal(tmp_path / "threads.db", look)


def test_turns_accepted_at_once_get_positions_of_their_own(tmp_path: Path) -> None:
    async def act(journal: Journal) -> None:
        await asyncio.gather(*(journal.accept("t", f"r{n}", "q") for n in range(20)))
        _, turns = await journal.thread("t")
        assert [t.position for t in turns] == list(range(1, 21))

    with_journal(tmp_path / "threads.db", act)


def test_a_finished_turn_stays_finished(tmp_path: Path) -> None:
    async def act(journal: Journal) -> None:
        await journal.accept("t", "r1", "q")
        await journal.fail("r1")
        await journal.fail("r1", "interrupted")
        _, (turn,) = await journal.thread("t")
        assert turn.status == "failed"
        assert not await journal.is_accepted("r1")

    with_journal(tmp_path / "threads.db", act)


def test_an_odd_folder_name_holds_the_database(tmp_path: Path) -> None:
    path = tmp_path / "a #b?c%20" / "threads.db"

    async def act(journal: Journal) -> None:
        await journal.accept("t", "r1", "q")

    with_journal(path, act)

    assert path.is_file()


def test_erasing_what_is_not_there_changes_nothing(tmp_path: Path) -> None:
    async def act(journal: Journal) -> None:
        await journal.accept("t", "r1", "q")
        with pytest.raises(ThreadNotFound, match="expected the id of a thread, got 'u'"):
            await journal.erase("u")
        assert await journal.erase("t") == 1

    with_journal(tmp_path / "threads.db", act)


def test_readers_from_any_point_get_every_event_once() -> None:
    async def read(log: MemoryRunLog, after: int) -> list[int]:
        return [number async for number, _ in log.read("r", after)]

    async def run() -> None:
        log = MemoryRunLog()
        log.begin("r", "t")
        log.append("r", TextDelta("a"))
        readers = [asyncio.create_task(read(log, after)) for after in (0, 1)]
        await asyncio.sleep(0)
        log.append("r", TextDelta("b"))
        log.append("r", RunFailed("x", "y"))
        log.append("r", TextDelta("after the end"))
        assert await asyncio.gather(*readers) == [[1, 2, 3], [2, 3]]
        assert log.is_finished("r", 3)

    asyncio.run(run())


def test_an_erased_run_ends_for_its_readers_and_is_gone() -> None:
    async def run() -> None:
        log = MemoryRunLog()
        log.begin("r", "t")

        async def read() -> list[object]:
            return [event async for _, event in log.read("r")]

        reading = asyncio.create_task(read())
        await asyncio.sleep(0)
        log.erase_thread("t")
        assert await reading == [RunFailed("thread_deleted", "This thread was deleted.")]
        with pytest.raises(RunNotFound):
            log.is_finished("r")

    asyncio.run(run())


def test_a_lease_is_held_by_one_at_a_time_first_come_first_served() -> None:
    async def run() -> None:
        leases, order = MemoryLeases(), []

        async def turn(n: int) -> None:
            leases.reserve("t")
            async with leases.hold("t"):
                order.append(n)
                await asyncio.sleep(0)
                order.append(n)
            leases.release("t")

        await asyncio.gather(*(turn(n) for n in range(5)))
        assert order == [n for n in range(5) for _ in range(2)]

    asyncio.run(run())


def test_a_full_queue_is_refused_until_a_place_is_free() -> None:
    leases = MemoryLeases()
    for _ in range(MAX_WAITING + 1):
        leases.reserve("t")

    with pytest.raises(ThreadBusy, match="16 turns wait"):
        leases.reserve("t")
    leases.reserve("other")
    leases.release("t")
    leases.reserve("t")
