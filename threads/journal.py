"""The conversation itself, in SQL: every thread, every turn, what was asked and what was answered.

A turn is one row: committed as `accepted` before anything is sent, as `finished` before the
terminal event is. What a crash cut is marked `interrupted` at the next start.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    URL,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    event,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from threads.errors import ThreadNotFound
from threads.events import TurnResult

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
    """Threads and turns in a SQLite file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._engine: AsyncEngine = create_async_engine(
            URL.create("sqlite+aiosqlite", database=str(path)),
            hide_parameters=True,  # else an error would log the customer's words
        )
        event.listen(self._engine.sync_engine, "connect", _set_pragmas)
        event.listen(self._engine.sync_engine, "begin", _begin)
        self._reading = self._engine.execution_options(read_only=True)
        # SQLite has one writer; waiting here is fair and quick, waiting in its busy handler is not.
        self._writing = asyncio.Lock()

    async def open(self) -> int:
        """Create what is missing and mark what a crash cut; the number of turns marked."""
        async with self._writing, self._engine.begin() as connection:
            await connection.run_sync(_metadata.create_all)
            marked = await connection.execute(
                update(_turns).where(_turns.c.status == "accepted").values(status="interrupted")
            )
        return marked.rowcount

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    async def accept(self, thread_id: str, run_id: str, query: str) -> None:
        """Commit the customer's side of a turn; makes the thread when it is new."""
        now = time.time()
        last = select(func.coalesce(func.max(_turns.c.position), 0) + 1).where(
            _turns.c.thread_id == thread_id
        )
        async with self._writing, self._engine.begin() as connection:
            await connection.execute(
                insert(_threads)
                .values(id=thread_id, created_at=now, updated_at=now)
                .on_conflict_do_update(index_elements=["id"], set_={"updated_at": now})
            )
            await connection.execute(
                _turns.insert().values(
                    run_id=run_id,
                    thread_id=thread_id,
                    position=last.scalar_subquery(),
                    status="accepted",
                    query=query,
                    asked_at=now,
                )
            )

    async def finish(self, result: TurnResult) -> bool:
        """Commit the answer; False when the turn was erased meanwhile."""
        now = time.time()
        async with self._writing, self._engine.begin() as connection:
            written = await connection.execute(
                update(_turns)
                .where(_turns.c.run_id == result.run_id)
                .values(status="finished", answered_at=now, result=asdict(result))
            )
            changes: dict[str, Any] = {
                "updated_at": now,
                "subcategory_id": result.subcategory_id,
                "action": result.action,
            }
            if result.action == "handed_off":
                # Until a human takes the thread over, whatever else is said in it.
                changes["waiting_since"] = func.coalesce(_threads.c.waiting_since, now)
            await connection.execute(
                update(_threads).where(_threads.c.id == result.thread_id).values(**changes)
            )
        return written.rowcount == 1

    async def is_accepted(self, run_id: str) -> bool:
        """True while a turn waits for its answer; False once it was erased."""
        query = select(_turns.c.run_id).where(
            _turns.c.run_id == run_id, _turns.c.status == "accepted"
        )
        async with self._reading.connect() as connection:
            return (await connection.execute(query)).first() is not None

    async def fail(self, run_id: str, status: str = "failed") -> None:
        """Commit that an accepted turn has no answer; a finished one stays finished."""
        async with self._writing, self._engine.begin() as connection:
            await connection.execute(
                update(_turns)
                .where(_turns.c.run_id == run_id, _turns.c.status == "accepted")
                .values(status=status)
            )

    async def thread(self, thread_id: str) -> tuple[ThreadRecord, list[TurnRecord]]:
        """A thread and all its turns in order.

        Raises:
            ThreadNotFound: no thread has this id.
        """
        async with self._reading.connect() as connection:
            found = (
                await connection.execute(select(_threads).where(_threads.c.id == thread_id))
            ).one_or_none()
            if found is None:
                raise ThreadNotFound(thread_id)
            rows = await connection.execute(
                select(_turns).where(_turns.c.thread_id == thread_id).order_by(_turns.c.position)
            )
            turns = [
                TurnRecord(
                    r.run_id, r.position, r.status, r.query, r.asked_at, r.answered_at, r.result
                )
                for r in rows
            ]
        record = ThreadRecord(
            found.id,
            found.created_at,
            found.updated_at,
            found.subcategory_id,
            found.action,
            len(turns),
            found.waiting_since,
        )
        return record, turns

    async def threads(
        self, *, limit: int, offset: int, waiting: bool = False
    ) -> tuple[list[ThreadRecord], int]:
        """Threads, the latest first, and how many there are in all.

        Args:
            waiting: only those that wait for a human, who waits longest first.
        """
        wanted = _threads.c.waiting_since.is_not(None) if waiting else true()
        order = _threads.c.waiting_since if waiting else _threads.c.updated_at.desc()
        turns = (
            select(func.count())
            .where(_turns.c.thread_id == _threads.c.id)
            .scalar_subquery()
            .label("turns")
        )
        async with self._reading.connect() as connection:
            total = await connection.scalar(
                select(func.count()).select_from(_threads).where(wanted)
            )
            rows = await connection.execute(
                select(_threads, turns)
                .where(wanted)
                .order_by(order, _threads.c.id)
                .limit(limit)
                .offset(offset)
            )
            found = [
                ThreadRecord(
                    r.id,
                    r.created_at,
                    r.updated_at,
                    r.subcategory_id,
                    r.action,
                    r.turns,
                    r.waiting_since,
                )
                for r in rows
            ]
        return found, total or 0

    async def turn(self, run_id: str) -> TurnRecord | None:
        """The turn of a run, or None."""
        async with self._reading.connect() as connection:
            r = (
                await connection.execute(select(_turns).where(_turns.c.run_id == run_id))
            ).one_or_none()
        if r is None:
            return None
        return TurnRecord(
            r.run_id, r.position, r.status, r.query, r.asked_at, r.answered_at, r.result
        )

    async def erase(self, thread_id: str) -> int:
        """Delete a thread and its turns; the number of turns deleted.

        Raises:
            ThreadNotFound: no thread has this id.
        """
        async with self._writing, self._engine.begin() as connection:
            gone = await connection.execute(delete(_threads).where(_threads.c.id == thread_id))
            turns = await connection.execute(delete(_turns).where(_turns.c.thread_id == thread_id))
        if gone.rowcount == 0:
            raise ThreadNotFound(thread_id)
        return turns.rowcount


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
