"""What routing answers: ranked candidates with probabilities and what to do about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the conversation should do next."""

    ACCEPT = "accept"
    """Answer from the first candidate."""
    CLARIFY = "clarify"
    """Ask the customer to choose between `options`."""
    OUT_OF_SCOPE = "out_of_scope"
    """No scenario of the catalogue covers the query."""
    UNCLEAR = "unclear"
    """Nothing fits well enough even to ask between."""
    SMALL_TALK = "small_talk"
    """A greeting, thanks or a goodbye and nothing else."""
    HUMAN_WANTED = "human_wanted"
    """The customer asks for a person."""


class SmallTalk(StrEnum):
    """Kinds of small talk."""

    GREETING = "greeting"
    THANKS = "thanks"
    GOODBYE = "goodbye"


@dataclass(frozen=True)
class Candidate:
    """A scenario and how probable it is (0 to 1)."""

    subcategory_id: str
    probability: float


@dataclass(frozen=True)
class RouteDecision:
    """Where a query belongs, how surely, and why."""

    verdict: Verdict
    candidates: tuple[Candidate, ...] = ()
    """Most probable first, at most ten; empty for small talk."""
    options: tuple[str, ...] = ()
    """For CLARIFY: two to four subcategory ids to choose from."""
    small_talk: SmallTalk | None = None
    confidence: float = 0.0
    """Probability that the verdict is right: of the first candidate, or of being out of scope."""
    calibrated: bool = False
    """Whether probabilities were fitted on this catalogue's own samples."""
    reason: str = ""
    """Why, in one English sentence for operators."""

    @property
    def top(self) -> str | None:
        """The first candidate's id, or None."""
        return self.candidates[0].subcategory_id if self.candidates else None
