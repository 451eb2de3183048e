"""One body shape for every error, and the one table from error class to status.

{"error": {"code": "thread_not_found", "message": "expected the id of a thread, ...",
           "details": []}}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from scenarios.errors import CatalogueInvalid, ScenariosError, UnknownName
from threads.errors import RunNotFound, ThreadBusy, ThreadNotFound, ThreadsError

_log = structlog.get_logger()


class ErrorDetail(BaseModel):
    """One fault of a request."""

    field: str = Field(examples=["user_query"])
    message: str = Field(examples=["Field required"])


class ErrorInfo(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable; made for programs.", examples=["thread_not_found"])
    message: str = Field(
        description="Says what was expected; made for people.",
        examples=["expected the id of a thread, got 'abc'"],
    )
    details: list[ErrorDetail] = Field([], examples=[[]])
    nearest: list[str] = Field(
        [], description="For an unknown name: the closest known ones.", examples=[["提现状态查询"]]
    )


class ErrorBody(BaseModel):
    """The body of every error."""

    error: ErrorInfo


STATUS: dict[type[Exception], tuple[int, str]] = {
    ThreadNotFound: (404, "thread_not_found"),
    RunNotFound: (404, "run_not_found"),
    ThreadBusy: (429, "thread_busy"),
    UnknownName: (422, "unknown_name"),
    CatalogueInvalid: (422, "catalogue_invalid"),
}
"""Error class -> status and code."""

_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI entry of these error statuses."""
    return {status: {"model": ErrorBody} for status in statuses}


def error_response(
    status: int,
    code: str,
    message: str,
    *,
    details: Sequence[ErrorDetail] = (),
    nearest: Sequence[str] = (),
) -> JSONResponse:
    """An error in the one body shape."""
    info = ErrorInfo(code=code, message=message, details=list(details), nearest=list(nearest))
    headers = {"Retry-After": "1"} if status == 429 else None
    body = ErrorBody(error=info).model_dump(exclude_defaults=True)
    return JSONResponse(body, status, headers)


def install(app: FastAPI) -> None:
    """Answer every error of `app` in the one shape."""

    @app.exception_handler(ThreadsError)
    @app.exception_handler(ScenariosError)
    async def known(_: Request, error: Exception) -> JSONResponse:
        status, code = STATUS[type(error)]
        nearest = error.nearest if isinstance(error, UnknownName) else ()
        return error_response(status, code, str(error), nearest=nearest)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = error.errors()
        if any(fault["type"] == "json_invalid" for fault in faults):
            reason = faults[0].get("ctx", {}).get("error", "expected JSON")
            return error_response(400, "invalid_json", f"expected strict JSON: {reason}")
        # Never the input: echoing Infinity or a lone surrogate breaks the answer itself.
        details = [
            ErrorDetail(field=_place(fault["loc"]), message=str(fault["msg"])) for fault in faults
        ]
        fields = ", ".join(dict.fromkeys(detail.field for detail in details))
        return error_response(
            422, "validation_failed", f"expected other values in: {fields}", details=details
        )

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        code = _CODES.get(error.status_code, "http_error")
        response = error_response(error.status_code, code, str(error.detail))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        _log.error("unexpected_error", exc_info=error)
        return error_response(500, "internal_error", "The service failed; the fault is logged.")


def _place(location: Sequence[int | str]) -> str:
    """`("body", "context", "a")` -> `context.a`, printable whatever a client named its fields."""
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    text = ".".join(parts) or "body"
    return text.encode("utf-8", "replace").decode()[:120]
