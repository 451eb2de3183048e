"""`GET /sessions`, `GET /sessions/{thread_id}` and `DELETE /sessions/{thread_id}`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from api.dependencies import CurrentRelease, CurrentService, NamesIn, ThreadId
from api.errors import responses
from graph.release import Release
from threads.journal import ThreadRecord, TurnRecord

router = APIRouter(tags=["sessions"])


class RouteView(BaseModel):
    """Where a turn was routed."""

    category_id: str = Field(examples=["withdrawals"])
    category: str = Field(examples=["取款/提现"])
    subcategory_id: str | None = Field(examples=["withdrawals.status"])
    subcategory: str = Field(examples=["提现状态查询"])
    confidence: float = Field(examples=[0.93])
    action: str = Field(examples=["answered"])


class MessageView(BaseModel):
    """One message of a thread."""

    id: str = Field(examples=["5d0c3f0a9b7e4f6c8a1b2c3d4e5f6071-user"])
    role: Literal["user", "assistant"] = Field(examples=["user"])
    text: str = Field(examples=["提了三个小时了还没到"])
    at: datetime = Field(examples=["2026-11-20T09:00:00Z"])
    run_id: str = Field(examples=["5d0c3f0a9b7e4f6c8a1b2c3d4e5f6071"])
    status: str = Field(
        description="Of the turn: `accepted`, `finished`, `failed` or `interrupted`.",
        examples=["finished"],
    )
    route: RouteView | None = Field(None, description="On the assistant's messages.")


class SessionSummary(BaseModel):
    """A thread without its messages."""

    thread_id: str = Field(examples=["customer-42"])
    created_at: datetime = Field(examples=["2026-11-20T09:00:00Z"])
    updated_at: datetime = Field(examples=["2026-11-20T09:01:00Z"])
    turns: int = Field(examples=[1])
    subcategory_id: str | None = Field(examples=["withdrawals.status"])
    subcategory: str | None = Field(examples=["提现状态查询"])
    action: str | None = Field(examples=["answered"])
    waiting_since: datetime | None = Field(
        description="When a human was called; null while none is waited for.", examples=[None]
    )


class Session(SessionSummary):
    """A thread with its latest route and its messages in order."""

    latest_route: RouteView | None
    messages: list[MessageView]


class Sessions(BaseModel):
    """A page of threads."""

    total: int = Field(examples=[1])
    limit: int = Field(examples=[50])
    offset: int = Field(examples=[0])
    sessions: list[SessionSummary]


class Deleted(BaseModel):
    """The receipt of a deletion."""

    thread_id: str = Field(examples=["customer-42"])
    deleted: bool = Field(examples=[True])
    turns: int = Field(description="Turns deleted.", examples=[3])


@router.get("/sessions", summary="List threads")
async def sessions(
    service: CurrentService,
    release: CurrentRelease,
    lang: NamesIn,
    limit: Annotated[int, Query(ge=1, le=200, examples=[50])] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000, examples=[0])] = 0,
    waiting: Annotated[
        bool,
        Query(
            description="Only threads that wait for a human, who waits longest first.",
            examples=[True],
        ),
    ] = False,
) -> Sessions:
    """Threads, the latest first."""
    records, total = await service.journal.threads(limit=limit, offset=offset, waiting=waiting)
    return Sessions(
        total=total,
        limit=limit,
        offset=offset,
        sessions=[SessionSummary(**_summary(record, release, lang)) for record in records],
    )


@router.get("/sessions/{thread_id}", summary="Read a thread", responses=responses(404))
async def session(
    service: CurrentService, release: CurrentRelease, thread_id: ThreadId, lang: NamesIn
) -> Session:
    """A thread's latest route and every message, with times and routes."""
    record, turns = await service.journal.thread(thread_id)
    routed = [turn for turn in turns if turn.result is not None]
    return Session(
        **_summary(record, release, lang),
        latest_route=_route(routed[-1], release, lang) if routed else None,
        messages=[message for turn in turns for message in _messages(turn, release, lang)],
    )


@router.delete("/sessions/{thread_id}", summary="Delete a thread", responses=responses(404))
async def delete(service: CurrentService, thread_id: ThreadId) -> Deleted:
    """Delete a thread: its journal, its checkpoints, the events of its runs."""
    receipt = await service.erasure.erase(thread_id)
    return Deleted(thread_id=receipt.thread_id, deleted=True, turns=receipt.turns)


def _summary(record: ThreadRecord, release: Release, lang: str | None) -> dict[str, Any]:
    return {
        "thread_id": record.id,
        "created_at": _at(record.created_at),
        "updated_at": _at(record.updated_at),
        "turns": record.turns,
        "subcategory_id": record.subcategory_id,
        "subcategory": _names(release, record.subcategory_id, lang)[1],
        "action": record.action,
        "waiting_since": _at(record.waiting_since) if record.waiting_since else None,
    }


def _messages(turn: TurnRecord, release: Release, lang: str | None) -> list[MessageView]:
    messages = [
        MessageView(
            id=f"{turn.run_id}-user",
            role="user",
            text=turn.query,
            at=_at(turn.asked_at),
            run_id=turn.run_id,
            status=turn.status,
        )
    ]
    if turn.result is not None and turn.answered_at is not None:
        messages.append(
            MessageView(
                id=f"{turn.run_id}-assistant",
                role="assistant",
                text=turn.result["response"],
                at=_at(turn.answered_at),
                run_id=turn.run_id,
                status=turn.status,
                route=_route(turn, release, lang),
            )
        )
    return messages


def _route(turn: TurnRecord, release: Release, lang: str | None) -> RouteView:
    """The route as it was decided, its names in `lang` where the catalogue still has them."""
    result = turn.result or {}
    category, subcategory = _names(release, result["subcategory_id"], lang)
    return RouteView(
        category_id=result["category_id"],
        category=category or result["category"],
        subcategory_id=result["subcategory_id"],
        subcategory=subcategory or result["subcategory"],
        confidence=result["confidence"],
        action=result["action"],
    )


def _names(
    release: Release, subcategory_id: str | None, lang: str | None
) -> tuple[str | None, str | None]:
    catalogue = release.catalogue
    found = catalogue.find(subcategory_id) if subcategory_id else None
    if found is None:
        return None, None
    language = lang or catalogue.default_language
    return found[0].name.to(language), found[1].name.to(language)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
