"""The embedded writer: composes the answer from the scenario's own passages and steps.

Nothing is generated. The question decides which facts are quoted (the passages that answer it),
which steps are given (those it concerns, in the SOP's order) and which branch of a condition;
what the company still needs to know is asked last. The same turn always gets the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from drafting.draft import Draft, Emit, Piece, Turn
from drafting.phrases import phrase
from scenarios.catalogue import Audience, Reference, Slot, Step, StepType, Subcategory
from scenarios.passages import relevance

MAX_FACTS = 3
MAX_STEPS = 4
CLOSE_TO_BEST = 0.6
"""A second fact is quoted from this share of the best one's relevance."""
CONCERNED = 0.4
"""A step is given from this share of the most relevant step's relevance."""
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
    facts = [r for r in scenario.public_references(language) if r.id not in procedure.cited]
    chosen = _facts(turn, facts)
    for reference in chosen:
        answer.lines.append(_plain(reference.quote))
        answer.references.append(reference)
    if not facts and scenario.description:
        answer.lines.append(_plain(scenario.description.to(language)))
    steps = _steps(turn, procedure)
    if steps and answer.lines:
        answer.lines += ["", phrase("steps", language)]
    for n, step in enumerate(steps, 1):
        answer.lines.append(f"{n}. {_plain(step.instruction.to(language))}" if len(steps) > 1
                            else _plain(step.instruction.to(language)))
        procedure.cite(step, answer)
        for branch in _branches(turn, step, procedure):
            answer.lines.append(f"   • {_plain(branch.instruction.to(language))}")
            procedure.cite(branch, answer)
    question = _question(turn, procedure)
    if question is not None:
        step, slot = question
        text = slot.question.to(language) if slot else _plain(step.instruction.to(language))
        answer.lines += ["", phrase("needed", language) + text]
        procedure.cite(step, answer)
    if not answer.lines:
        answer.lines.append(phrase("no_text", language, scenario=scenario.name.to(language)))
    return answer


class _Procedure:
    """The public steps of a scenario in one language, with what they cite."""

    def __init__(self, scenario: Subcategory, language: str) -> None:
        public = [s for s in scenario.steps if s.audience is Audience.VISITOR]
        self.by_id = {step.id: step for step in public}
        targets = {
            n.target for step in public if step.type is StepType.CONDITION for n in step.next
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
        found = [self.by_id[n.target] for n in step.next if n.target in self.by_id]
        return [branch for branch in dict.fromkeys(found) if branch not in self.top]

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


def _best(scores: Sequence[float], share: float, most: int) -> list[int]:
    """Positions, in order, of the highest scores that reach `share` of the best."""
    top = max(scores, default=0.0)
    if top <= 0:
        return []
    ranked = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    return sorted(n for n in ranked[:most] if scores[n] >= share * top)


def _facts(turn: Turn, facts: Sequence[Reference]) -> list[Reference]:
    scores = _scores(turn, [f"{fact.section} {fact.quote}" for fact in facts])
    return [facts[n] for n in _best(scores, CLOSE_TO_BEST, MAX_FACTS)]


def _steps(turn: Turn, procedure: _Procedure) -> list[Step]:
    offered = [s for s in procedure.top if s.type not in (StepType.COLLECT, StepType.HANDOFF)]
    scores = _scores(turn, [_whole(step, procedure, turn.language) for step in offered])
    chosen = [offered[n] for n in _best(scores, CONCERNED, MAX_STEPS - 1)]
    if not chosen:
        chosen = [s for s in offered if s.type is not StepType.END][: MAX_STEPS - 1]
    way_out = [s for s in procedure.top if s.type is StepType.HANDOFF][:1]
    return chosen + way_out


def _whole(step: Step, procedure: _Procedure, language: str) -> str:
    parts = [step, *procedure.branches(step)]
    return " ".join(part.instruction.to(language) for part in parts)


def _branches(turn: Turn, step: Step, procedure: _Procedure) -> list[Step]:
    """The branches the question is about, else all of them."""
    branches = procedure.branches(step)
    scores = relevance(turn.query, [b.instruction.to(turn.language) for b in branches])
    best = _best(scores, 0.75, 2)
    return [branches[n] for n in best] if best and max(scores) >= 1.0 else branches


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
