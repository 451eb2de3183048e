"""Our own wire format: `POST /chat`, `POST /chat/stream` and `GET /chat/stream`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal, assert_never

import structlog
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.dependencies import ID_PATTERN, CurrentService, Service
from api.errors import error_response, responses
from api.limits import MAX_CONTEXT, MAX_QUERY
from api.strict_json import StrictRoute
from protocols import sse
from scenarios.lookup import known_language, resolve
from threads.events import (
    Answered,
    Classified,
    RunEvent,
    RunFailed,
    RunStarted,
    TextDelta,
    TextReset,
    TurnResult,
)
from threads.runner import TurnRequest

_log = structlog.get_logger()

router = APIRouter(tags=["chat"], route_class=StrictRoute)


class ChatQuery(BaseModel):
    """A customer's message, as query parameters can hold it."""

    user_query: str = Field(
        min_length=1,
        max_length=MAX_QUERY,
        description="What the customer wrote.",
        examples=["提了三个小时了还没到账"],
    )
    thread_id: str | None = Field(
        None,
        pattern=ID_PATTERN,
        description="The conversation to go on with; a new one when left out.",
        examples=["customer-42"],
    )
    category: str | None = Field(
        None,
        max_length=200,
        description="Answer from this category only: its id or name.",
        examples=["withdrawals"],
    )
    subcategory: str | None = Field(
        None,
        max_length=200,
        description="Answer from this scenario: its id or name.",
        examples=["withdrawals.status"],
    )
    lang: str | None = Field(
        None,
        pattern="^[a-z]{2}$",
        description="Language of the names in the answer; the catalogue's default when left out. "
        "The reply is in the customer's language.",
        examples=["en"],
    )

    @field_validator("user_query")
    @classmethod
    def _says_something(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("expected a message, got white space")
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("expected no NUL characters or lone surrogates")
        return value


class ChatRequest(ChatQuery):
    """A customer's message, with what is known of the customer."""

    model_config = ConfigDict(extra="forbid")

    context: dict[str, Any] | None = Field(
        None,
        description="What is known of the customer; reaches the writer as data.",
        examples=[{"vip_level": 3}],
    )

    @field_validator("context")
    @classmethod
    def _is_small(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None and len(json.dumps(value, ensure_ascii=False)) > MAX_CONTEXT:
            raise ValueError(f"expected at most {MAX_CONTEXT} characters of JSON")
        return value


class CitedPassage(BaseModel):
    """A passage the answer used."""

    id: str = Field(examples=["withdrawals.status#zh.2.1"])
    title: str = Field(examples=["提现状态查询"])
    document: str = Field(examples=["zh/withdrawals/status.md"])
    section: str = Field(examples=["处理时限"])
    place: str = Field(examples=["zh/withdrawals/status.md#处理时限"])
    quote: str = Field(examples=["银行卡提现通常 10 分钟到 2 小时到账，最长 24 小时。"])


class OptionView(BaseModel):
    """A scenario to choose, when the answer is a question."""

    id: str = Field(examples=["withdrawals.status"])
    category: str = Field(examples=["取款/提现"])
    subcategory: str = Field(examples=["提现状态查询"])


class ChatResponse(BaseModel):
    """The answer and how it came about."""

    response: str = Field(
        description="In the customer's language.",
        examples=["银行卡提现通常 10 分钟到 2 小时到账，最长 24 小时。"],
    )
    category: str = Field(examples=["取款/提现"])
    subcategory: str = Field(examples=["提现状态查询"])
    thread_id: str = Field(examples=["customer-42"])
    confidence: float = Field(ge=0, le=1, examples=[0.93])
    related_subcategories: list[str] = Field(examples=[["提现失败原因"]])
    sop_references: list[str] = Field(
        description="Documents and sections the answer rests on.",
        examples=[["zh/withdrawals/status.md#处理时限"]],
    )
    run_id: str = Field(examples=["5d0c3f0a9b7e4f6c8a1b2c3d4e5f6071"])
    category_id: str = Field(
        description="`fallback` outside the catalogue.", examples=["withdrawals"]
    )
    subcategory_id: str | None = Field(examples=["withdrawals.status"])
    action: Literal["answered", "clarify", "fallback", "handed_off"] = Field(examples=["answered"])
    references: list[CitedPassage]
    steps: list[str] = Field(description="Ids of the scenario's steps used.", examples=[["s2"]])
    options: list[OptionView] = Field(
        description="What to choose from, with `clarify`.", examples=[[]]
    )
    language: str = Field(description="Language of the reply.", examples=["zh"])
    engine: Literal["embedded", "llm"] = Field(examples=["embedded"])
    degraded: bool = Field(
        description="True when the LLM failed and the embedded engine answered.", examples=[False]
    )
    calibrated: bool = Field(
        description="Whether the confidence was fitted on this catalogue.", examples=[True]
    )
    reason_category: str | None = Field(
        description="Why a human was called, with `handed_off`.", examples=[None]
    )
    catalogue_version: str = Field(examples=["6d1f8a0c52be"])


@router.post(
    "/chat",
    summary="Answer a message",
    response_model=ChatResponse,
    responses=responses(400, 413, 422, 429, 500),
)
async def chat(body: ChatRequest, service: CurrentService) -> Response:
    """Route the message, answer it from the SOP, and keep the turn."""
    run_id = await service.runner.start(_turn_request(body, service))
    end = await service.runner.result(run_id)
    if isinstance(end, RunFailed):
        status = {"thread_deleted": 404, "interrupted": 503}.get(end.code, 500)
        return error_response(status, end.code, end.message)
    return JSONResponse(ChatResponse.model_validate(_fields(end.result)).model_dump(mode="json"))


_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events. Each is a JSON object with `category`, `subcategory`, "
        "`response` (the next piece of text; empty on the first event, which brings the route) and "
        "`thread_id`; `reset: true` voids the text so far; the last one has `done: true` and the "
        "whole result, or `error`. A client that does not accept `text/event-stream` gets `data:` "
        "lines and nothing else.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": 'data: {"category": "取款/提现", "subcategory": "提现状态查询", '
                '"response": "银行卡提现", "thread_id": "customer-42"}\n\n',
            }
        },
    },
    204: {"description": "The run that `Last-Event-ID` names has ended and been read to its end."},
    **responses(400, 413, 422, 429),
}
LastEventId = Annotated[
    str | None,
    Header(
        max_length=100,
        description="Go on with a run after this event: `<run_id>:<n>`.",
        examples=["5d0c3f0a9b7e4f6c8a1b2c3d4e5f6071:3"],
    ),
]


@router.post(
    "/chat/stream",
    summary="Answer a message, streamed",
    responses=_STREAM,
    response_class=StreamingResponse,
)
async def chat_stream(
    body: ChatRequest,
    service: CurrentService,
    request: Request,
    last_event_id: LastEventId = None,
) -> Response:
    """As `POST /chat`, the answer coming piece by piece."""
    return await _begin_or_resume(body, service, request, last_event_id)


@router.get(
    "/chat/stream",
    summary="Answer a message, streamed to an EventSource",
    responses=_STREAM,
    response_class=StreamingResponse,
)
async def chat_stream_get(
    body: Annotated[ChatQuery, Query()],
    service: CurrentService,
    request: Request,
    last_event_id: LastEventId = None,
) -> Response:
    """As `POST /chat/stream`, for a browser's `EventSource`, which can only GET.

    A browser that lost its connection sends the request again with `Last-Event-ID`; it gets the
    rest of the same run, or 204 when there is none, and the question is not asked twice.
    """
    return await _begin_or_resume(body, service, request, last_event_id)


def _turn_request(body: ChatQuery, service: Service) -> TurnRequest:
    catalogue = service.releases.current.catalogue
    return TurnRequest(
        query=body.user_query,
        thread_id=body.thread_id,
        preset=resolve(catalogue, body.category, body.subcategory),
        names_in=known_language(catalogue, body.lang),
        context=(body.context or {}) if isinstance(body, ChatRequest) else {},
    )


async def _begin_or_resume(
    body: ChatQuery, service: Service, request: Request, last_event_id: str | None
) -> Response:
    resumed = sse.parse_event_id(last_event_id) if last_event_id else None
    if resumed is None:
        run_id = await service.runner.start(_turn_request(body, service))
        return _stream(_frames(run_id, 0, service, _is_sse(request)), service, request)
    run_id, after = resumed
    if service.run_log.is_known(run_id):
        if service.run_log.is_finished(run_id, after):
            return Response(status_code=204)
        return _stream(_frames(run_id, after, service, _is_sse(request)), service, request)
    ending = None if after >= sse.LAST else await _journalled_ending(run_id, service)
    if ending is None:
        return Response(status_code=204)
    return _stream(_once(sse.frame(ending, f"{run_id}:{sse.LAST}")), service, request)


async def _journalled_ending(run_id: str, service: Service) -> dict[str, Any] | None:
    """The last event of a run whose events are gone, e.g. by a restart; None for an unknown run."""
    turn = await service.journal.turn(run_id)
    if turn is None:
        return None
    if turn.result is not None:
        return {"done": True} | turn.result
    return _failure("", "", "", RunFailed(turn.status, "The turn was not answered."))


def _is_sse(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")


def _stream(frames: AsyncIterator[bytes], service: Service, request: Request) -> Response:
    if _is_sse(request):
        frames = sse.kept_alive(frames, service.settings.keep_alive_interval)
    return StreamingResponse(frames, media_type="text/event-stream", headers=sse.HEADERS)


async def _once(frame: bytes) -> AsyncIterator[bytes]:
    yield frame


async def _frames(run_id: str, after: int, service: Service, full: bool) -> AsyncIterator[bytes]:
    encoder = _Encoder(full)
    if full and after == 0:
        yield sse.opening(run_id)
    number = 0
    try:
        # From the start, because what the encoder sends depends on what went before.
        async for number, event in service.run_log.read(run_id):
            data = encoder.encode(event)
            if data is not None and number > after:
                yield sse.frame(data, f"{run_id}:{number}" if full else None)
    except Exception:
        _log.exception("stream_failed", run_id=run_id)
        failed = RunFailed("internal_error", "The answer could not be sent.")
        yield sse.frame(encoder.encode(failed) or {}, f"{run_id}:{number + 1}" if full else None)


@dataclass
class _Encoder:
    """RunEvents as the objects of our stream."""

    full: bool
    """Whether the client speaks SSE; one that only prints pieces cannot take any back."""
    category: str = ""
    subcategory: str = ""
    thread_id: str = ""

    def encode(self, event: RunEvent) -> dict[str, Any] | None:
        """The object to send for `event`, or None."""
        match event:
            case RunStarted():
                self.thread_id = event.thread_id
                return None
            case Classified():
                self.category, self.subcategory = event.category, event.subcategory
                return self._object("") | {
                    "category_id": event.category_id,
                    "subcategory_id": event.subcategory_id,
                    "confidence": event.confidence,
                }
            case TextDelta():
                return self._object(event.text)
            case TextReset():
                return self._object("" if self.full else "\n\n") | {"reset": True}
            case Answered():
                return {"done": True} | _fields(event.result)
            case RunFailed():
                return _failure(self.category, self.subcategory, self.thread_id, event)
        assert_never(event)

    def _object(self, text: str) -> dict[str, Any]:
        return {
            "category": self.category,
            "subcategory": self.subcategory,
            "response": text,
            "thread_id": self.thread_id,
        }


def _failure(category: str, subcategory: str, thread_id: str, event: RunFailed) -> dict[str, Any]:
    """The last event of a turn without an answer, with the lists a client may look for."""
    return {
        "done": True,
        "category": category,
        "subcategory": subcategory,
        "response": "",
        "thread_id": thread_id,
        "related_subcategories": [],
        "sop_references": [],
        "references": [],
        "options": [],
        "error": {"code": event.code, "message": event.message},
    }


def _fields(result: TurnResult) -> dict[str, Any]:
    return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(result).items()}
