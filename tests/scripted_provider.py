"""A server that speaks the OpenAI protocol and does what a test's script says, faults included."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.serving import serving


@dataclass
class ScriptedProvider:
    """What the provider answers, and what it was asked."""

    label: str = "none_of_these"
    """Its answer to a classification."""
    text: str = "Please wait [1]."
    """Its answer to a draft, streamed word by word."""
    fault: str | None = None
    """`refuse` (500), `hang`, `cut` (the stream breaks off), `empty`; None for none."""
    fault_on: str = "both"
    """`classify`, `draft` or `both`."""
    finish_reason: str = "stop"
    """Why its stream says that it ends."""
    requests: list[dict[str, Any]] = field(default_factory=list)
    base_url: str = ""

    def reset(self) -> None:
        """Forget a test's script and what was asked in it."""
        fresh = ScriptedProvider()
        self.label, self.text, self.finish_reason = fresh.label, fresh.text, fresh.finish_reason
        self.fault, self.fault_on = fresh.fault, fresh.fault_on
        self.requests.clear()

    def drafts(self) -> list[dict[str, Any]]:
        """The requests for a draft."""
        return [request for request in self.requests if request.get("stream")]

    def classifications(self) -> list[dict[str, Any]]:
        """The requests for a classification."""
        return [request for request in self.requests if not request.get("stream")]

    async def complete(self, request: Request) -> Response:
        """`POST /v1/chat/completions`."""
        body = await request.json()
        self.requests.append(body)
        drafting = bool(body.get("stream"))
        faulty = self.fault_on in ("both", "draft" if drafting else "classify")
        fault = self.fault if faulty else None
        if fault == "refuse":
            return JSONResponse({"error": {"message": "out of order"}}, 500)
        if fault == "hang":
            # There is no event to wait for.
            while not await request.is_disconnected():  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        if drafting:
            return StreamingResponse(self._stream(fault), media_type="text/event-stream")
        content = json.dumps({"scenario": self.label})
        message = {"role": "assistant", "content": content}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return JSONResponse(_completion("chat.completion", choice))

    async def _stream(self, fault: str | None) -> AsyncIterator[bytes]:
        words = [] if fault == "empty" else self.text.split(" ")
        for n, word in enumerate(words):
            if fault == "cut" and n == len(words) // 2:
                return
            piece = word if n == 0 else " " + word
            yield _event({"index": 0, "delta": {"content": piece}, "finish_reason": None})
        yield _event({"index": 0, "delta": {}, "finish_reason": self.finish_reason})
        yield b"data: [DONE]\n\n"


def _completion(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    return {"id": "c1", "object": kind, "created": 1, "model": "scripted", "choices": [choice]}


def _event(choice: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(_completion("chat.completion.chunk", choice)).encode() + b"\n\n"


@contextmanager
def scripted_provider() -> Iterator[ScriptedProvider]:
    """A provider on a port of its own."""
    provider = ScriptedProvider()
    route = Route("/v1/chat/completions", provider.complete, methods=["POST"])
    with serving(Starlette(routes=[route])) as url:
        provider.base_url = f"{url}/v1"
        yield provider
