"""Where a thread's position in the flow is kept: URL scheme -> opener."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
)
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

Saver = BaseCheckpointSaver[Any]

# The state is plain JSON types, so nothing but them needs to be read back.
_SERIALIZER = JsonPlusSerializer(allowed_msgpack_modules=None)


class SettlingSqliteSaver(AsyncSqliteSaver):
    """Deletes a thread only when no write to it is under way.

    A run that is cancelled as it ends leaves its last write behind, in a task of LangGraph's that
    goes on (its executor's exit waits, and the wait is what gets cancelled); that write would
    bring a deleted thread back.
    """

    def __init__(self, connection: aiosqlite.Connection) -> None:
        super().__init__(connection, serde=_SERIALIZER)
        self._writing: Counter[str] = Counter()
        self._settled = asyncio.Condition()

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """As of the base class, counted."""
        async with self._counted(config):
            return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """As of the base class, counted."""
        async with self._counted(config):
            await super().aput_writes(config, writes, task_id, task_path)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete every checkpoint of a thread, after the writes under way."""
        async with self._settled:
            await self._settled.wait_for(lambda: not self._writing[thread_id])
        await super().adelete_thread(thread_id)

    @asynccontextmanager
    async def _counted(self, config: RunnableConfig) -> AsyncIterator[None]:
        thread_id = str(config["configurable"]["thread_id"])
        self._writing[thread_id] += 1
        try:
            yield
        finally:
            self._writing[thread_id] -= 1
            if not self._writing[thread_id]:
                del self._writing[thread_id]
            async with self._settled:
                self._settled.notify_all()


@asynccontextmanager
async def _sqlite(url: str) -> AsyncIterator[Saver]:
    path = Path(unquote(urlsplit(url).path))
    path.parent.mkdir(parents=True, exist_ok=True)
    async with aiosqlite.connect(path) as connection:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "busy_timeout=5000",
            "secure_delete=ON",  # else deleted text stays in the file
        ):
            await connection.execute(f"PRAGMA {pragma}")
        saver = SettlingSqliteSaver(connection)
        await saver.setup()
        yield saver


@asynccontextmanager
async def _memory(_: str) -> AsyncIterator[Saver]:
    yield InMemorySaver(serde=_SERIALIZER)


CHECKPOINTERS: dict[str, Callable[[str], AbstractAsyncContextManager[Saver]]] = {
    "sqlite": _sqlite,
    "memory": _memory,
}


def open_checkpointer(url: str) -> AbstractAsyncContextManager[Saver]:
    """The checkpointer a URL names: `sqlite:////data/checkpoints.db` or `memory:`.

    Raises:
        ValueError: no checkpointer has this scheme.
    """
    scheme = urlsplit(url).scheme
    if scheme not in CHECKPOINTERS:
        expected = ", ".join(sorted(CHECKPOINTERS))
        raise ValueError(f"expected a checkpoint URL with one of {expected}, got {scheme!r}")
    return CHECKPOINTERS[scheme](url)
