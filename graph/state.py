"""What a thread keeps between turns. Plain JSON types only, and bounded: a checkpoint's size must
not grow with the thread, and strict msgpack turns anything else into dicts and strings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

WINDOW = 6
"""Messages kept for routing and drafting; the journal keeps them all."""
MESSAGE_LENGTH = 500
"""Characters kept of each of them."""


class WindowMessage(TypedDict):
    """One message of the window."""

    role: str
    text: str


class Pending(TypedDict):
    """A question the customer was asked: which of `options` is it?"""

    query: str
    options: list[str]
    language: str
    """Of the query, which a reply such as `first` must not change."""


class Route(TypedDict):
    """The decision of this turn."""

    verdict: str
    subcategory_id: str | None
    confidence: float
    calibrated: bool
    options: list[str]
    small_talk: str | None
    reason: str
    degraded: bool


class Outcome(TypedDict):
    """What the turn came to."""

    action: str
    """`answered`, `clarify`, `fallback` or `handed_off`."""
    text: str
    reference_ids: list[str]
    step_ids: list[str]
    engine: str
    degraded: bool
    reason_category: str | None


class RouterState(TypedDict, total=False):
    """The state of a thread. `query`, `language` and `preset` come with each turn."""

    query: str
    language: str
    preset: list[str] | None
    """Subcategory ids the caller limits the turn to; one id settles the route."""
    messages: list[WindowMessage]
    scenario: str | None
    """The scenario of the last answer, which a short follow-up continues."""
    pending: Pending | None
    route: Route
    outcome: Outcome


@dataclass(frozen=True)
class TurnContext:
    """What accompanies a turn and must not be checkpointed."""

    context: dict[str, Any] = field(default_factory=dict)
    """The caller's data about the customer."""


def remember(messages: list[WindowMessage], query: str, answer: str) -> list[WindowMessage]:
    """The window after a turn."""
    turn = [WindowMessage(role="user", text=query), WindowMessage(role="assistant", text=answer)]
    kept = [
        WindowMessage(role=m["role"], text=m["text"][:MESSAGE_LENGTH]) for m in [*messages, *turn]
    ]
    return kept[-WINDOW:]
