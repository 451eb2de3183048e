"""The nodes: each takes the state and returns what changes.

Nodes speak through the stream writer: `{"route": Route}` once the turn is classified, then
`{"piece": text}` as the answer is written and `{"retracted": True}` where it starts again.
"""

from __future__ import annotations

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime

from drafting.draft import Message, Piece, Retraction, Turn, Writer
from drafting.phrases import phrase
from graph.state import Outcome, Pending, Route, RouterState, TurnContext, remember
from routing.choice import chosen_option
from routing.decision import RouteDecision, SmallTalk, Verdict
from routing.llm import LlmRouter, Thread
from routing.router import Router
from scenarios.catalogue import Catalogue, ReasonCategory, Subcategory
from scenarios.terms import spoken_language

MAX_TOPICS = 15
"""A decline names at most so many categories."""
GREETING_TOPICS = 4


class Nodes:
    """The nodes over one catalogue, one router and one writer."""

    def __init__(self, router: Router, writer: Writer, second_opinion: LlmRouter | None) -> None:
        self._router = router
        self._writer = writer
        self._second_opinion = second_opinion

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue whose scenarios these nodes answer from."""
        return self._router.catalogue

    async def classify(self, state: RouterState) -> RouterState:
        """Decide where the query belongs."""
        query, preset, pending = state["query"], state.get("preset"), state.get("pending")
        language = state.get("language", self.catalogue.default_language)
        degraded = False
        chosen = self._chosen(query, pending)
        decision = self._router.route(query, current=state.get("scenario"), within=preset)
        plain_talk = decision.verdict in (Verdict.SMALL_TALK, Verdict.HUMAN_WANTED)
        if preset and len(preset) == 1 and not plain_talk:
            route = _settled(preset[0], "Set by the caller.")
        elif chosen is not None and pending is not None:
            query = pending["query"]
            language = pending["language"]
            route = _settled(chosen, "Chosen by the customer.")
        elif pending is not None and spoken_language(query) is None:
            # A number that is none of the options: ask again, about the same question.
            query, language = pending["query"], pending["language"]
            options = [o for o in pending["options"] if self.catalogue.is_open(o)]
            route = _route(
                RouteDecision(
                    Verdict.CLARIFY if options else Verdict.UNCLEAR,
                    options=tuple(options),
                    reason="The reply chose none of the options.",
                ),
                options[0] if options else None,
            )
        else:
            if self._second_opinion is not None and not preset:
                decision, degraded = await self._second_opinion.review(
                    self._router, decision, query, language, _thread(state)
                )
            route = _route(decision, decision.top)
        route["degraded"] = degraded
        get_stream_writer()({"route": route})
        return {"query": query, "language": language, "route": route, "pending": None}

    def _chosen(self, query: str, pending: Pending | None) -> str | None:
        """The option a reply chooses, of those that this catalogue still has."""
        options = pending["options"] if pending else []
        known = [option for option in options if self.catalogue.is_open(option)]
        return chosen_option(query, known, self.catalogue) if known == options else None

    async def answer(self, state: RouterState, runtime: Runtime[TurnContext]) -> RouterState:
        """Draft the answer from the routed scenario."""
        scenario = self._scenario(state)
        turn = Turn(
            query=state["query"],
            language=state["language"],
            category=self.catalogue.category_of(scenario.id),
            scenario=scenario,
            history=tuple(Message(m["role"], m["text"]) for m in state.get("messages", [])),
            context=(runtime.context or TurnContext()).context,
        )
        write = get_stream_writer()

        def emit(part: Piece | Retraction) -> None:
            write({"piece": part.text} if isinstance(part, Piece) else {"retracted": True})

        draft = await self._writer.draft(turn, emit)
        outcome = Outcome(
            action="answered",
            text=draft.text,
            reference_ids=[reference.id for reference in draft.references],
            step_ids=list(draft.step_ids),
            engine=draft.engine,
            degraded=draft.degraded or state["route"]["degraded"],
            reason_category=None,
        )
        return _after(state, outcome, scenario=scenario.id)

    async def clarify(self, state: RouterState) -> RouterState:
        """Ask which of the likely scenarios it is, naming them."""
        options = state["route"]["options"]
        language = state["language"]
        lines = [phrase("clarify", language)]
        lines += [
            f"{n}. {self.catalogue[option].name.to(language)}"
            for n, option in enumerate(options, 1)
        ]
        outcome = self._said("clarify", "\n".join(lines), state)
        return _after(
            state,
            outcome,
            pending=Pending(query=state["query"][:2000], options=options, language=language),
        )

    async def small_talk(self, state: RouterState) -> RouterState:
        """Return a greeting, thanks or a goodbye."""
        kind = state["route"]["small_talk"] or SmallTalk.GREETING
        language = state["language"]
        topics = self._topics(language, GREETING_TOPICS)
        outcome = self._said("answered", phrase(kind, language, topics=topics), state)
        return _after(state, outcome)

    async def fallback(self, state: RouterState) -> RouterState:
        """Say that the query is outside the catalogue, or ask for more, and name what is inside."""
        language = state["language"]
        topics = self._topics(language, MAX_TOPICS)
        unclear = state["route"]["verdict"] == Verdict.UNCLEAR
        text = phrase("unclear" if unclear else "fallback", language, topics=topics)
        outcome = self._said("fallback", text, state)
        return _after(state, outcome)

    async def hand_off(self, state: RouterState) -> RouterState:
        """Put the thread into the human agents' queue, because the customer asked for it."""
        outcome = self._said("handed_off", phrase("handed_off", state["language"]), state)
        outcome["reason_category"] = ReasonCategory.CUSTOMER_REQUEST.value
        return _after(state, outcome)

    def _topics(self, language: str, most: int) -> str:
        """The names of the first `most` categories, as a list in a sentence."""
        names = [category.name.to(language) for category in self.catalogue.open_categories()]
        return ("、" if language == "zh" else ", ").join(names[:most])

    def _scenario(self, state: RouterState) -> Subcategory:
        subcategory_id = state["route"]["subcategory_id"]
        assert subcategory_id is not None, "only routed turns reach a scenario node"
        return self.catalogue[subcategory_id]

    def _said(self, action: str, text: str, state: RouterState) -> Outcome:
        get_stream_writer()({"piece": text})
        return Outcome(
            action=action,
            text=text,
            reference_ids=[],
            step_ids=[],
            engine="embedded",
            degraded=state["route"]["degraded"],
            reason_category=None,
        )


def _thread(state: RouterState) -> Thread:
    earlier = [m["text"] for m in state.get("messages", []) if m["role"] == "user"]
    return Thread(state.get("scenario"), earlier[-1] if earlier else "")


def _settled(subcategory_id: str, reason: str) -> Route:
    decision = RouteDecision(Verdict.ACCEPT, confidence=1.0, reason=reason)
    return _route(decision, subcategory_id)


def _route(decision: RouteDecision, subcategory_id: str | None) -> Route:
    return Route(
        verdict=decision.verdict.value,
        subcategory_id=subcategory_id,
        confidence=decision.confidence,
        calibrated=decision.calibrated,
        options=list(decision.options),
        small_talk=decision.small_talk.value if decision.small_talk else None,
        reason=decision.reason,
        degraded=False,
    )


def _after(
    state: RouterState,
    outcome: Outcome,
    scenario: str | None = None,
    pending: Pending | None = None,
) -> RouterState:
    """The state after a turn that came to `outcome`; the open scenario stays unless it changed."""
    return RouterState(
        outcome=outcome,
        messages=remember(state.get("messages", []), state["query"], outcome["text"]),
        scenario=scenario or state.get("scenario"),
        pending=pending,
    )
