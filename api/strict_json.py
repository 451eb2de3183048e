"""Request bodies as strict JSON: UTF-8, no NaN or Infinity, no NUL, no lone surrogates."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn

from fastapi import Request, Response
from fastapi.routing import APIRoute

MAX_DEPTH = 32


class StrictRequest(Request):
    """A request whose `json` refuses what other parsers would choke on later."""

    async def json(self) -> Any:
        """The parsed body.

        Raises:
            json.JSONDecodeError: it is no strict JSON; FastAPI turns this into our 400.
        """
        if not hasattr(self, "_json"):
            self._json = parse(await self.body())
        return self._json


class StrictRoute(APIRoute):
    """A route that reads its body through StrictRequest."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, given a StrictRequest."""
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


def parse(body: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        json.JSONDecodeError: the bytes are no strict JSON; the message never echoes them.
    """
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        fault = _fault(value)
    except UnicodeDecodeError as error:
        raise json.JSONDecodeError("expected UTF-8", "", error.start) from None
    except RecursionError:
        raise json.JSONDecodeError(f"expected at most {MAX_DEPTH} levels", "", 0) from None
    except json.JSONDecodeError as error:
        raise json.JSONDecodeError(error.msg, "", error.pos) from None
    except ValueError:
        raise json.JSONDecodeError("expected finite numbers of sensible length", "", 0) from None
    if fault:
        raise json.JSONDecodeError(fault, "", 0)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _fault(value: Any, depth: int = 0) -> str | None:
    if depth > MAX_DEPTH:
        return f"expected at most {MAX_DEPTH} levels"
    if isinstance(value, str):
        if "\0" in value:
            return "expected no NUL characters"
        if any("\ud800" <= character <= "\udfff" for character in value):
            return "expected no lone surrogates"
        return None
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "expected finite numbers"
    parts: list[Any] = []
    if isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, list):
        parts = value
    return next((fault for part in parts if (fault := _fault(part, depth + 1))), None)
