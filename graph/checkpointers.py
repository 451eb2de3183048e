"""Where a thread's position in the flow is kept: URL scheme -> opener."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

Saver = BaseCheckpointSaver[Any]

# The state is plain JSON types, so nothing but them needs to be read back.
_SERIALIZER = JsonPlusSerializer(allowed_msgpack_modules=None)


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
        saver = AsyncSqliteSaver(connection, serde=_SERIALIZER)
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
