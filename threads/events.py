"""What happens in a run, as a closed union. Encoders translate these and decide nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CitedReference:
    """A passage the answer used, as a client sees it."""

    id: str
    title: str
    document: str
    section: str
    place: str
    """Document and section: `zh/withdrawals/status.md#处理时限`."""
    quote: str


@dataclass(frozen=True)
class Option:
    """A scenario the customer may choose."""

    id: str
    category: str
    subcategory: str


@dataclass(frozen=True)
class TurnResult:
    """All a turn came to."""

    run_id: str
    thread_id: str
    response: str
    action: str
    """`answered`, `clarify`, `fallback` or `handed_off`."""
    language: str
    category_id: str
    category: str
    subcategory_id: str | None
    subcategory: str
    confidence: float
    calibrated: bool
    related_subcategories: tuple[str, ...]
    sop_references: tuple[str, ...]
    references: tuple[CitedReference, ...]
    steps: tuple[str, ...]
    options: tuple[Option, ...]
    engine: str
    degraded: bool
    reason_category: str | None
    catalogue_version: str


@dataclass(frozen=True)
class RunStarted:
    """The turn is accepted and journalled."""

    run_id: str
    thread_id: str


@dataclass(frozen=True)
class Classified:
    """Where the query belongs; comes before the first word."""

    category_id: str
    category: str
    subcategory_id: str | None
    subcategory: str
    confidence: float


@dataclass(frozen=True)
class TextDelta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True)
class TextReset:
    """The text so far is void; the answer starts again."""


@dataclass(frozen=True)
class Answered:
    """The end of a turn; sent after the journal's commit."""

    result: TurnResult


@dataclass(frozen=True)
class RunFailed:
    """The end of a turn that could not be answered."""

    code: str
    message: str


RunEvent = RunStarted | Classified | TextDelta | TextReset | Answered | RunFailed
TERMINAL = (Answered, RunFailed)
