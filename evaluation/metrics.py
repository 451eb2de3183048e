"""Figures over routed cases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluation.dataset import OUT_OF_SCOPE, Case
from routing.decision import RouteDecision, Verdict
from scenarios.catalogue import Catalogue

BINS = 10
"""Bins of the expected calibration error, of equal width."""


@dataclass(frozen=True)
class Routed:
    """A case and what the router made of it."""

    case: Case
    decision: RouteDecision

    @property
    def in_scope(self) -> bool:
        """Whether the case belongs to a scenario."""
        return self.case.gold != OUT_OF_SCOPE

    @property
    def refused(self) -> bool:
        """Whether no scenario would be answered from or asked about."""
        return self.decision.verdict in (
            Verdict.OUT_OF_SCOPE,
            Verdict.UNCLEAR,
            Verdict.SMALL_TALK,
        )

    @property
    def accepted(self) -> bool:
        """Whether it would be answered without asking."""
        return self.decision.verdict is Verdict.ACCEPT


def summarize(routed: Sequence[Routed], catalogue: Catalogue) -> dict[str, float | int | None]:
    """Every figure over `routed`; a share is None when there is nothing to take it of."""
    inside = [r for r in routed if r.in_scope]
    outside = [r for r in routed if not r.in_scope]
    accepted = [r for r in inside if r.accepted]

    def category_is_right(r: Routed) -> bool:
        return r.decision.top is not None and (
            catalogue.category_of(r.decision.top).id == catalogue.category_of(r.case.gold).id
        )

    return {
        "cases": len(routed),
        "in_scope": len(inside),
        "top1": _share(inside, lambda r: r.decision.top == r.case.gold),
        "top1_accept": _share(inside, lambda r: r.decision.top in r.case.accept),
        "top3": _share(
            inside, lambda r: r.case.gold in [c.subcategory_id for c in r.decision.candidates[:3]]
        ),
        "category": _share(inside, category_is_right),
        "answered": _share(inside, lambda r: r.accepted),
        "answered_right": _share(accepted, lambda r: r.decision.top in r.case.accept),
        "clarified": _share(inside, lambda r: r.decision.verdict is Verdict.CLARIFY),
        "in_scope_refused": _share(inside, lambda r: r.refused),
        "ece": _calibration_error(inside),
        "out_of_scope": len(outside),
        "out_of_scope_caught": _share(outside, lambda r: r.refused),
        "out_of_scope_answered": _share(outside, lambda r: r.accepted),
    }


def _share(routed: Sequence[Routed], holds: Callable[[Routed], bool]) -> float | None:
    return round(sum(map(holds, routed)) / len(routed), 4) if routed else None


def _calibration_error(inside: Sequence[Routed]) -> float | None:
    """Mean distance of the first candidate's probability from its share of right ones, by bin."""
    rows = [
        (r.decision.candidates[0].probability, r.decision.top in r.case.accept)
        for r in inside
        if r.decision.candidates
    ]
    if not rows:
        return None
    error = 0.0
    for n in range(BINS):
        held = [(p, right) for p, right in rows if min(int(p * BINS), BINS - 1) == n]
        error += abs(sum(p for p, _ in held) - sum(right for _, right in held))
    return round(error / len(rows), 4)
