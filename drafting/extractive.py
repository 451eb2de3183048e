"""The embedded writer: composes the answer from the scenario's own passages and steps.

Nothing is generated. The question decides which facts are quoted (the passages that answer it),
whether a procedure is needed, which of its steps (those concerned, in the SOP's order) and which
branch of a condition; what the company still needs to know is asked last. The same turn always
gets the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from drafting.draft import Draft, Emit, Piece, Turn
from drafting.phrases import phrase
from scenarios.catalogue import Audience, Reference, Slot, Step, StepType, Subcategory
from scenarios.passages import kinds_asked, relevance

MAX_FACTS = 3
MAX_STEPS = 3
ANSWERS = 0.9
"""Relevance from which a passage answers the question by itself."""
MENTIONS = 0.45
"""Relevance from which a passage is worth quoting at all."""
CLOSE_TO_BEST = 0.65
"""A second passage is quoted from this share of the best one's relevance."""
EARLIER_WEIGHT = 0.35
"""What the customer asked before counts this much in choosing, so that a short follow-up
(`and by USDT?`) keeps its subject."""

_MARKUP = re.compile(r"\*\*|__|`")


class ExtractiveWriter:
    """Writes answers without any model."""

    async def draft(self, turn: Turn, emit: Emit) -> Draft:
        """The answer to `turn`, one paragraph a piece."""
        answer = _compose(turn)
        for n, line in enumerate(answer.lines):
            emit(Piece(line if n == 0 else "\n" + line))
        return Draft(
            "\n".join(answer.lines),
            tuple(dict.fromkeys(answer.references)),
            tuple(dict.fromkeys(answer.step_ids)),
        )


@dataclass
class _Answer:
    lines: list[str] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    step_ids: list[str] = field(default_factory=list)


def _compose(turn: Turn) -> _Answer:
    answer = _Answer()
    scenario, language = turn.scenario, turn.language
    procedure = _Procedure(scenario, language)
    choice = _choose(turn, procedure)
    for reference in choice.facts:
        answer.lines.append(_plain(reference.quote))
        answer.references.append(reference)
    if not choice.facts and not choice.steps and scenario.description:
        answer.lines.append(_plain(scenario.description.to(language)))
    if choice.steps and answer.lines:
        answer.lines += ["", phrase("steps", language)]
    for n, step in enumerate(choice.steps, 1):
        number = f"{n}. " if len(choice.steps) > 1 else ""
        answer.lines.append(number + _plain(step.instruction.to(language)))
        procedure.cite(step, answer)
        for branch in _branches(turn, step, procedure):
            answer.lines.append(f"   • {_plain(branch.instruction.to(language))}")
            procedure.cite(branch, answer)
    question = _question(turn, procedure) if choice.steps else None
    if question is not None:
        step, slot = question
        text = slot.question.to(language) if slot else _plain(step.instruction.to(language))
        answer.lines += ["", phrase("needed", language) + text]
        procedure.cite(step, answer)
    if not answer.lines:
        answer.lines.append(phrase("no_text", language, scenario=scenario.name.to(language)))
    return answer


@dataclass(frozen=True)
class _Choice:
    """What of a scenario goes into an answer."""

    facts: list[Reference]
    steps: list[Step]


def _choose(turn: Turn, procedure: _Procedure) -> _Choice:
    """Facts that answer the question; the procedure too unless facts alone settle it.

    Facts and steps are scored in one pool, so that their relevance can be compared. A question
    for information that a fact answers needs no procedure; a problem does.
    """
    language = turn.language
    facts = [
        reference
        for reference in turn.scenario.public_references(language)
        if reference.id not in procedure.cited
    ]
    steps = [s for s in procedure.top if s.type in (StepType.INSTRUCTION, StepType.CONDITION)]
    texts = [f"{fact.section} {_plain(fact.quote)}" for fact in facts]
    texts += [procedure.whole(step) for step in steps]
    scores = _scores(turn, texts)
    fact_scores, step_scores = scores[: len(facts)], scores[len(facts) :]
    best_fact, best_step = max(fact_scores, default=0.0), max(step_scores, default=0.0)
    asks = bool(kinds_asked(turn.query))
    # A question deserves the nearest fact even when that shares few of its words.
    enough = min(MENTIONS, best_fact) if asks and best_fact > 0 else MENTIONS
    close = _best(fact_scores, max(enough, CLOSE_TO_BEST * best_fact), MAX_FACTS)
    # The best answer first; steps, however, keep the SOP's order.
    chosen_facts = [facts[n] for n in sorted(close, key=lambda n: -fact_scores[n])]
    informed = asks and best_fact >= max(ANSWERS, best_step)
    if informed:
        return _Choice(chosen_facts, [])
    chosen_steps = [
        steps[n] for n in _best(step_scores, max(MENTIONS, CLOSE_TO_BEST * best_step), MAX_STEPS)
    ]
    way_out = [s for s in procedure.top if s.type is StepType.HANDOFF][:1]
    return _Choice(chosen_facts, (chosen_steps or steps[:MAX_STEPS]) + way_out)


class _Procedure:
    """The public steps of a scenario in one language, with what they cite."""

    def __init__(self, scenario: Subcategory, language: str) -> None:
        self._language = language
        public = [s for s in scenario.steps if s.audience is Audience.VISITOR]
        self.by_id = {step.id: step for step in public}
        targets = {
            n.target
            for step in public
            if step.type is StepType.CONDITION
            for n in step.next
            if n.condition is not None or _is_branch_of(n.target, step.id)
        }
        self.top = [step for step in public if step.id not in targets]
        self._references = {r.id: r for r in scenario.public_references(language)}
        self.cited = {
            reference_id for step in scenario.steps for reference_id in step.reference_ids
        }
        self.slots = {slot.id: slot for slot in scenario.slots}

    def branches(self, step: Step) -> list[Step]:
        """The steps a condition chooses from."""
        if step.type is not StepType.CONDITION:
            return []
        top = {other.id for other in self.top}
        targets = dict.fromkeys(n.target for n in step.next)
        return [self.by_id[t] for t in targets if t in self.by_id and t not in top]

    def whole(self, step: Step) -> str:
        """The text of a step with that of its branches."""
        parts = (step, *self.branches(step))
        return " ".join(part.instruction.to(self._language) for part in parts)

    def cite(self, step: Step, answer: _Answer) -> None:
        """Note that `answer` used `step`."""
        answer.step_ids.append(step.id)
        answer.references += [
            self._references[r] for r in step.reference_ids if r in self._references
        ]


def _is_branch_of(step_id: str, parent_id: str) -> bool:
    return step_id.startswith(parent_id + ".")


def _scores(turn: Turn, texts: Sequence[str]) -> list[float]:
    scores = relevance(turn.query, texts)
    earlier = [m.text for m in turn.history if m.role == "user"][-1:]
    for text in earlier:
        scores = [
            now + EARLIER_WEIGHT * then
            for now, then in zip(scores, relevance(text, texts), strict=True)
        ]
    return scores


def _best(scores: Sequence[float], at_least: float, most: int) -> list[int]:
    """Positions, in order, of the highest scores from `at_least` on."""
    ranked = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    return sorted(n for n in ranked[:most] if scores[n] >= at_least)


def _branches(turn: Turn, step: Step, procedure: _Procedure) -> list[Step]:
    """The branches the question is about, else all of them."""
    branches = procedure.branches(step)
    scores = _scores(turn, [branch.instruction.to(turn.language) for branch in branches])
    best = max(scores, default=0.0)
    concerned = [branches[n] for n in _best(scores, max(MENTIONS, 0.75 * best), 2)]
    return concerned or branches


def _question(turn: Turn, procedure: _Procedure) -> tuple[Step, Slot | None] | None:
    """The first thing still to be asked: a required slot that no message has given."""
    said = [turn.query, *(m.text for m in turn.history if m.role == "user")]
    for step in procedure.top:
        if step.type is not StepType.COLLECT:
            continue
        slot = procedure.slots.get(step.slot or "")
        if slot is None or (slot.required and not _given(slot, said)):
            return step, slot
    return None


def _given(slot: Slot, messages: Iterable[str]) -> bool:
    if slot.pattern is None:
        return False
    inner = slot.pattern.removeprefix("^").removesuffix("$")
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?:{inner})(?![A-Za-z0-9])", re.IGNORECASE)
    return any(pattern.search(message) for message in messages)


def _plain(text: str) -> str:
    return _MARKUP.sub("", text).strip()
