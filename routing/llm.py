"""A second opinion on an unsure route: one call to a chat model, held to an enum of candidates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import structlog

from chat_models.port import ChatFailed, ChatMessage, ChatModel, data_block
from routing.decision import Candidate, RouteDecision, Verdict
from routing.router import MAX_CANDIDATES, Router

NONE = "none_of_these"
ASK_BELOW = 0.9
"""A local decision at least this sure is not asked about."""
WHOLE_CATALOGUE = 50
"""Up to so many scenarios are all offered; of more, the best `SHORTLIST`."""
SHORTLIST = 30
PROMPT_BUDGET = 6000
MAX_QUERY = 1500
MAX_EARLIER = 300
TRUST = 0.85
"""Prior probability that the model's label is right, until outcomes say otherwise."""

_log = structlog.get_logger()


@dataclass(frozen=True)
class Thread:
    """What a follow-up is understood from."""

    scenario: str | None = None
    """The open scenario."""
    earlier: str = ""
    """The customer's message before this one."""


class LlmRouter:
    """The local router, with a chat model asked where it is unsure."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self._prompt = (files("routing") / "prompts" / "classify.md").read_text("utf-8")

    async def review(
        self, router: Router, decision: RouteDecision, query: str, language: str, thread: Thread
    ) -> tuple[RouteDecision, bool]:
        """The decision after asking the model, and whether the model failed to answer.

        A sure decision, small talk and the wish for a person come back as they are, unasked.
        """
        settled = decision.verdict in (Verdict.SMALL_TALK, Verdict.HUMAN_WANTED)
        if settled or (decision.verdict is Verdict.ACCEPT and decision.confidence >= ASK_BELOW):
            return decision, False
        size = len(router.catalogue.open_scenarios())
        offered = router.rank(query, size if size <= WHOLE_CATALOGUE else SHORTLIST)
        known = {c.subcategory_id for c in offered}
        for wanted in (decision.top, thread.scenario):
            if wanted is not None and wanted not in known and router.catalogue.is_open(wanted):
                known.add(wanted)
                offered.append(Candidate(wanted, 0.0))
        messages = self._messages(router, offered, query, language, thread)
        try:
            label = await self._model.choose(messages, [NONE, *(c.subcategory_id for c in offered)])
        except ChatFailed as failure:
            _log.warning("route_degraded", reason=failure.kind)
            return decision, True
        return _combined(decision, label, offered), False

    def _messages(
        self,
        router: Router,
        offered: Sequence[Candidate],
        query: str,
        language: str,
        thread: Thread,
    ) -> list[ChatMessage]:
        question = "The message:\n" + data_block(query[:MAX_QUERY])
        if thread.scenario:
            earlier = f"scenario: {thread.scenario}\nmessage: {thread.earlier[:MAX_EARLIER]}"
            question = f"What the conversation was about before:\n{data_block(earlier)}\n{question}"
        room = PROMPT_BUDGET - len(self._prompt) - len(question) - len(NONE)
        share = room // max(len(offered), 1)
        lines = []
        for candidate in offered:
            scenario = router.catalogue[candidate.subcategory_id]
            category = router.catalogue.category_of(scenario.id)
            line = (
                f"- {scenario.id}: {category.name.to(language)} / {scenario.name.to(language)}. "
                f"{scenario.description.to(language)}"
            ).replace("\n", " ")
            lines.append(line[: share - 1])
        system = self._prompt.format(none=NONE, scenarios="\n".join(lines))
        return [
            ChatMessage("system", system),
            ChatMessage("user", question),
        ]


def _combined(decision: RouteDecision, label: str, offered: Sequence[Candidate]) -> RouteDecision:
    """Both opinions as one: the model's label is right with `TRUST`, the rest stays as it was."""
    if label == NONE:
        if decision.verdict in (Verdict.OUT_OF_SCOPE, Verdict.UNCLEAR):
            return replace(
                decision,
                verdict=Verdict.OUT_OF_SCOPE,
                confidence=max(decision.confidence, TRUST),
            )
        return replace(
            decision,
            verdict=Verdict.OUT_OF_SCOPE,
            options=(),
            confidence=round(TRUST * (1 - decision.confidence) + (1 - TRUST) / 2, 4),
            reason="The model finds no scenario that covers this.",
        )
    local = {c.subcategory_id: c.probability for c in offered}
    odds = {
        subcategory_id: probability * (TRUST if subcategory_id == label else 1 - TRUST)
        for subcategory_id, probability in local.items()
    }
    chosen = max(TRUST, odds[label] / (sum(odds.values()) or 1.0))
    others = sum(p for i, p in local.items() if i != label) or 1.0
    candidates = [Candidate(label, round(chosen, 4))]
    candidates += [
        Candidate(i, round((1 - chosen) * p / others, 4)) for i, p in local.items() if i != label
    ]
    return replace(
        decision,
        verdict=Verdict.ACCEPT,
        options=(),
        candidates=tuple(candidates[:MAX_CANDIDATES]),
        confidence=candidates[0].probability,
        reason="Chosen by the model among the local candidates.",
    )
