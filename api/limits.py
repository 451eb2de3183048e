"""Limits on what comes in, counted in bytes as they come."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import error_response

MAX_BODY = 64 * 1024
MAX_QUERY = 8000
"""Characters of a customer's message."""
MAX_CONTEXT = 32 * 1024
"""Characters of a context, as JSON."""


_TOO_LARGE = f"expected a body of at most {MAX_BODY} bytes"


class BodyLimit:
    """Refuses a body beyond `MAX_BODY` bytes with 413, whatever its Content-Length says."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > MAX_BODY:
            await error_response(413, "body_too_large", _TOO_LARGE)(scope, receive, send)
            return
        received = 0

        async def counting() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY:
                raise HTTPException(413, _TOO_LARGE)
            return message

        await self._app(scope, counting, send)
