"""What a writer is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from scenarios.catalogue import Category, Reference, Subcategory


@dataclass(frozen=True)
class Message:
    """One earlier message of the thread."""

    role: str
    """`user` or `assistant`."""
    text: str


@dataclass(frozen=True)
class Turn:
    """One question to answer from one scenario."""

    query: str
    language: str
    """The customer's language, in which the answer is written."""
    category: Category
    scenario: Subcategory
    history: tuple[Message, ...] = ()
    """The last few messages before the query, oldest first."""
    context: dict[str, Any] = field(default_factory=dict)
    """What the caller knows of the customer: data, never instructions."""


@dataclass(frozen=True)
class Draft:
    """An answer, what it rests on, and who wrote it."""

    text: str
    references: tuple[Reference, ...] = ()
    """The passages used, in the order of use; each exists in the catalogue."""
    step_ids: tuple[str, ...] = ()
    """The steps used, in the scenario's order."""
    engine: str = "embedded"
    """`embedded` or `llm`."""
    degraded: bool = False
    """True when the LLM should have written it and could not."""


@dataclass(frozen=True)
class Piece:
    """The next piece of an answer as it is written."""

    text: str


@dataclass(frozen=True)
class Retraction:
    """What was emitted so far is void; the answer starts again."""


Emit = Callable[[Piece | Retraction], None]


class Writer(Protocol):
    """Writes the answer to a turn, emitting it piece by piece."""

    async def draft(self, turn: Turn, emit: Emit) -> Draft:
        """The whole answer; `Draft.text` equals all pieces since the last retraction."""
        ...
