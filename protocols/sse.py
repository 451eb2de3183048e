"""Server-sent events: framing, keep-alive comments, and the id a client resumes from."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

LAST = 999_999_999
"""Number of the last event of a run whose events are no longer counted."""
RETRY_MS = 2000
"""How long a browser waits before it connects again."""

HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would hold back the whole stream
}

# Line ends to str.splitlines and to some clients, but allowed raw inside JSON strings.
_LINE_ENDS = {ord(c): f"\\u{ord(c):04x}" for c in "\x7f\x85\u2028\u2029"}
_EVENT_ID = re.compile(r"^([A-Za-z0-9_-]{1,64}):(\d{1,9})$")


def frame(data: dict[str, Any], event_id: str | None = None) -> bytes:
    """One event. A client may drop every `data: ` in a line: inside the JSON it is escaped."""
    text = json.dumps(data, ensure_ascii=False, separators=(", ", ": "))
    text = text.replace("data: ", "data:\\u0020").translate(_LINE_ENDS)
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}data: {text}\n\n".encode()


def opening(run_id: str) -> bytes:
    """The first block: a retry time and an id, so that a cut before the first event resumes."""
    return f"retry: {RETRY_MS}\nid: {run_id}:0\n\n".encode()


def parse_event_id(event_id: str) -> tuple[str, int] | None:
    """Run id and event number of `<run_id>:<n>`, or None when it is none of ours."""
    match = _EVENT_ID.match(event_id)
    return (match[1], int(match[2])) if match else None


async def kept_alive(frames: AsyncIterator[bytes], interval: float) -> AsyncIterator[bytes]:
    """`frames`, with a comment whenever none came for `interval` seconds."""
    iterator = aiter(frames)
    pending = asyncio.ensure_future(anext(iterator, None))
    try:
        while True:
            done, _ = await asyncio.wait({pending}, timeout=interval)
            if not done:
                yield b": keep-alive\n\n"
                continue
            frame_ = pending.result()
            if frame_ is None:
                return
            yield frame_
            pending = asyncio.ensure_future(anext(iterator, None))
    finally:
        pending.cancel()
