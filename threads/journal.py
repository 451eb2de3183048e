"""The conversation itself, in SQL: every thread, every turn, what was asked and what was answered.

A turn is one row: committed as `accepted` before anything is sent, as `finished` before the
terminal event is. What a crash cut is marked `interrupted` at the next start.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    URL,
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from threads.errors import ThreadNotFound
from threads.events import TurnResult

Result = TypeVar("Result")

_metadata = MetaData()
_threads = Table(
    "threads",
    _metadata,
    Column("id", String(64), primary_key=True),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("subcategory_id", String),
    Column("action", String),
    Column("waiting_since", Float),
    Index("threads_by_update", "updated_at"),
)
_turns = Table(
    "turns",
    _metadata,
    Column("run_id", String(64), primary_key=True),
    Column("thread_id", String(64), nullable=False),
    Column("position", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("query", Text, nullable=False),
    Column("asked_at", Float, nullable=False),
    Column("answered_at", Float),
    Column("result", JSON),
    Index("turns_in_order", "thread_id", "position", unique=True),
)


@dataclass(frozen=True)
class TurnRecord:
    """One turn as journalled. Times are Unix times in seconds."""

    run_id: str
    position: int
    """From 1, in the order the turns were accepted."""
    status: str
    """`accepted`, `finished`, `failed` or `interrupted`."""
    query: str
    asked_at: float
    answered_at: float | None
    result: dict[str, Any] | None
    """The fields of a `TurnResult`, when finished."""


@dataclass(frozen=True)
class ThreadRecord:
    """A thread without its turns."""

    id: str
    created_at: float
    updated_at: float
    subcategory_id: str | None
    """The latest turn's scenario."""
    action: str | None
    """The latest turn's action."""
    turns: int
    waiting_since: float | None
    """When a human was called; None while none is waited for."""


class Journal:
    """Threads and turns in a SQLite file.

    SQLite blocks, so it works in threads of its own: one that writes, for SQLite has one writer,
    and two that read. A transaction costs one hop there and back.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)),
            hide_parameters=True,  # else an error would log the customer's words
            connect_args={"check_same_thread": False},
        )
        event.listen(self._engine, "connect", _set_pragmas)
        event.listen(self._engine, "begin", _begin)
        self._reading = self._engine.execution_options(read_only=True)
        self._writers = ThreadPoolExecutor(1, "journal-writer")
        self._readers = ThreadPoolExecutor(2, "journal-reader")

    async def _write(self, act: Callable[[Connection], Result]) -> Result:
        return await _within(self._writers, self._engine, act)

    async def _read(self, act: Callable[[Connection], Result]) -> Result:
        return await _within(self._readers, self._reading, act)

    async def open(self) -> int:
        """Create what is missing and mark what a crash cut; the number of turns marked."""
        cut = update(_turns).where(_turns.c.status == "accepted").values(status="interrupted")

        def act(connection: Connection) -> int:
            _metadata.create_all(connection)
            return connection.execute(cut).rowcount

        return await self._write(act)

    async def close(self) -> None:
        """Finish what was begun and close every connection."""
        self._writers.shutdown()
        self._readers.shutdown()
        self._engine.dispose()

    async def accept(self, thread_id: str, run_id: str, query: str) -> None:
        """Commit the customer's side of a turn; makes the thread when it is new."""
        now = time.time()
        last = select(func.coalesce(func.max(_turns.c.position), 0) + 1).where(
            _turns.c.thread_id == thread_id
        )
        thread = (
            insert(_threads)
            .values(id=thread_id, created_at=now, updated_at=now)
            .on_conflict_do_update(index_elements=["id"], set_={"updated_at": now})
        )
        turn = _turns.insert().values(
            run_id=run_id,
            thread_id=thread_id,
            position=last.scalar_subquery(),
            status="accepted",
            query=query,
            asked_at=now,
        )

        def act(connection: Connection) -> None:
            connection.execute(thread)
            connection.execute(turn)

        await self._write(act)

    async def finish(self, result: TurnResult) -> bool:
        """Commit the answer; False when the turn was erased meanwhile."""
        now = time.time()
        changes: dict[str, Any] = {
            "updated_at": now,
            "subcategory_id": result.subcategory_id,
            "action": result.action,
        }
        if result.action == "handed_off":
            # Until a human takes the thread over, whatever else is said in it.
            changes["waiting_since"] = func.coalesce(_threads.c.waiting_since, now)
        turn = (
            update(_turns)
            .where(_turns.c.run_id == result.run_id)
            .values(status="finished", answered_at=now, result=asdict(result))
        )
        thread = update(_threads).where(_threads.c.id == result.thread_id).values(**changes)

        def act(connection: Connection) -> bool:
            connection.execute(thread)
            return connection.execute(turn).rowcount == 1

        return await self._write(act)

    async def is_accepted(self, run_id: str) -> bool:
        """True while a turn waits for its answer; False once it was erased."""
        query = select(_turns.c.run_id).where(
            _turns.c.run_id == run_id, _turns.c.status == "accepted"
        )
        return await self._read(lambda connection: connection.execute(query).first() is not None)

    async def fail(self, run_id: str, status: str = "failed") -> None:
        """Commit that an accepted turn has no answer; a finished one stays finished."""
        change = (
            update(_turns)
            .where(_turns.c.run_id == run_id, _turns.c.status == "accepted")
            .values(status=status)
        )
        await self._write(lambda connection: connection.execute(change).rowcount)

    async def thread(self, thread_id: str) -> tuple[ThreadRecord, list[TurnRecord]]:
        """A thread and all its turns in order.

        Raises:
            ThreadNotFound: no thread has this id.
        """
        of_thread = select(_turns).where(_turns.c.thread_id == thread_id)

        def act(connection: Connection) -> tuple[ThreadRecord, list[TurnRecord]]:
            found = connection.execute(_counted.where(_threads.c.id == thread_id)).one_or_none()
            if found is None:
                raise ThreadNotFound(thread_id)
            rows = connection.execute(of_thread.order_by(_turns.c.position))
            return _thread(found), [_turn(row) for row in rows]

        return await self._read(act)

    async def threads(
        self, *, limit: int, offset: int, waiting: bool = False
    ) -> tuple[list[ThreadRecord], int]:
        """Threads, the latest first, and how many there are in all.

        Args:
            waiting: only those that wait for a human, who waits longest first.
        """
        wanted = _threads.c.waiting_since.is_not(None) if waiting else true()
        order = _threads.c.waiting_since if waiting else _threads.c.updated_at.desc()
        page = _counted.where(wanted).order_by(order, _threads.c.id).limit(limit).offset(offset)
        count = select(func.count()).select_from(_threads).where(wanted)

        def act(connection: Connection) -> tuple[list[ThreadRecord], int]:
            found = [_thread(row) for row in connection.execute(page)]
            return found, connection.execute(count).scalar_one()

        return await self._read(act)

    async def turn(self, run_id: str) -> TurnRecord | None:
        """The turn of a run, or None."""
        query = select(_turns).where(_turns.c.run_id == run_id)
        found = await self._read(lambda connection: connection.execute(query).one_or_none())
        return _turn(found) if found is not None else None

    async def erase(self, thread_id: str) -> int:
        """Delete a thread and its turns; the number of turns deleted.

        Raises:
            ThreadNotFound: no thread has this id.
        """

        def act(connection: Connection) -> tuple[int, int]:
            gone = connection.execute(delete(_threads).where(_threads.c.id == thread_id))
            turns = connection.execute(delete(_turns).where(_turns.c.thread_id == thread_id))
            return gone.rowcount, turns.rowcount

        threads, turns = await self._write(act)
        if threads == 0:
            raise ThreadNotFound(thread_id)
        return turns


_counted = select(
    _threads,
    select(func.count())
    .where(_turns.c.thread_id == _threads.c.id)
    .scalar_subquery()
    .label("turns"),
)


async def _within(
    executor: ThreadPoolExecutor, engine: Engine, act: Callable[[Connection], Result]
) -> Result:
    """What `act` gives in a transaction of its own, in one of the executor's threads."""

    def run() -> Result:
        with engine.begin() as connection:
            return act(connection)

    return await asyncio.get_running_loop().run_in_executor(executor, run)


def _thread(row: Row[Any]) -> ThreadRecord:
    return ThreadRecord(
        id=row.id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        subcategory_id=row.subcategory_id,
        action=row.action,
        turns=row.turns,
        waiting_since=row.waiting_since,
    )


def _turn(row: Row[Any]) -> TurnRecord:
    return TurnRecord(
        run_id=row.run_id,
        position=row.position,
        status=row.status,
        query=row.query,
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        result=row.result,
    )


def _set_pragmas(connection: Any, _: Any) -> None:
    # Transactions are begun by _begin; the driver's own would begin them too late.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "busy_timeout=5000",
        "secure_delete=ON",  # else deleted text stays in the file
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A deferred transaction that turns into a writer fails at once instead of waiting its turn.
    reads = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
