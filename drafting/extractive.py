"""The embedded writer: composes the answer from the scenario's own passages and steps.

Nothing is generated. The question decides what is said:

- which facts are quoted: those of the kind asked for (a time, an amount, a place ...) that speak
  of its words, the best one first;
- whether a procedure is needed: a question that facts answer needs none, a problem does;
- which branch of a condition: the one whose case the customer names; where none is named, the
  company's own question for it is asked instead of listing every case;
- how to reach a human, with what to have ready, for problems only.

The same turn always gets the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from drafting.draft import Draft, Emit, Piece, Turn
from drafting.phrases import phrase
from scenarios.catalogue import (
    BOUNDARY,
    ReasonCategory,
    Reference,
    Slot,
    SlotType,
    Step,
    StepType,
    Subcategory,
)
from scenarios.passages import (
    Pool,
    asks_how,
    clauses,
    is_of_kind,
    kinds_asked,
    reports_delay,
    telling_terms,
)
from scenarios.terms import fold

MAX_QUERY = 1000
"""Characters of a message that choose what is said."""
MIN_PROSE = 12
"""A description shorter than this many characters is a label, no answer."""
MAX_FACTS = 2
MAX_SET = 4
"""Times and amounts come in sets (by card, by e-wallet, by USDT): so many are quoted together."""
SET_KINDS = frozenset({"time", "amount", "computation"})
SETTLING_KINDS = frozenset({"time", "amount", "computation", "place", "meaning"})
"""Questions a fact can settle whatever else is told; whether one may do something depends."""
MAX_STEPS = 2
MAX_STEPS_HOW = 3
MENTIONS = 0.45
"""Relevance from which a passage is worth quoting."""
ANSWERS = 0.45
"""Relevance from which a fact of the kind asked for answers a question by itself."""
CLOSE_TO_BEST = 0.65
"""A further passage is quoted from this share of the best one's relevance."""
NAMED = 1.2
"""A branch counts as named from here on: by a word that a third of the passages hold at most."""
CLEARLY_NAMED = 1.3
"""A branch is taken alone when it is named so many times as clearly as the next."""
EARLIER_WEIGHT = 0.35
"""What the customer asked before counts this much in choosing, so that a short follow-up
(`and by USDT?`) keeps its subject."""

_MARKUP = re.compile(r"\*\*|__|`")
_CONDITION = re.compile(r"^(?P<condition>[^：:]{2,80})[：:]\s*(?P<then>.+)$", re.DOTALL)


class ExtractiveWriter:
    """Writes answers without any model."""

    async def draft(self, turn: Turn, emit: Emit) -> Draft:
        """The answer to `turn`, a line a piece."""
        answer = _Composer(turn).compose()
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


class _Composer:
    """Composes one answer."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._language = turn.scenario.language_for(turn.language)
        self._query = turn.query[:MAX_QUERY]
        self._kinds = kinds_asked(self._query)
        self._asks_how = asks_how(self._query)
        self._reports_delay = reports_delay(self._query)
        self._procedure = _Procedure(turn.scenario, self._language)
        self._facts = turn.scenario.facts(self._language)
        self._pool = Pool(
            [self._fact_text(fact) for fact in self._facts]
            + [self._text(step) for step in self._procedure.by_id.values()]
        )
        self._said = [m.text for m in turn.history if m.role == "user"]
        self._known = [str(value) for value in turn.context.values() if _is_scalar(value)]
        self._asked_terms = telling_terms(self._query)
        self._earlier_terms = telling_terms(self._said[-1]) if self._said else frozenset()
        self._answer = _Answer()

    def compose(self) -> _Answer:
        """The answer to the turn."""
        given = self._given_by_itself()
        if given is not None:
            self._line(phrase("noted", self._language, name=given.name.to(self._language)))
            self._way_out()
            return self._answer
        kinds = self._kinds
        facts, best = self._answer_clauses()
        if self._is_plea() or self._wants_steps(best):
            facts = []
        for fact in facts:
            self._line(_plain(fact.quote))
            self._answer.references.append(fact)
        settled = kinds and best >= ANSWERS and not self._asks_how and not self._reports_delay
        if settled and not (SETTLING_KINDS.isdisjoint(kinds) and self._reports_a_case()):
            return self._answer
        self._steps(enough=bool(facts))
        if not self._answer.lines:
            self._prose()
        if not self._answer.references:
            self._answer.references += self._turn.scenario.whole_documents()
        return self._answer

    def _prose(self) -> None:
        """For a scenario of prose alone, its description, less what says whose the question is."""
        scenario = self._turn.scenario
        prose = BOUNDARY.split(_plain(scenario.description.to(self._language)))[0].strip()
        if len(prose) >= MIN_PROSE and fold(prose) != fold(scenario.name.to(self._language)):
            self._line(prose)
        else:
            name = scenario.name.to(self._language)
            self._line(phrase("no_text", self._language, scenario=name))

    # Facts

    def _answer_clauses(self) -> tuple[list[Reference], float]:
        """The facts to quote, for each part of the message that asks something, and how relevant
        the best one is."""
        asking = [clause for clause in clauses(self._query) if kinds_asked(clause)]
        if len(asking) < 2:
            return self._choose_facts(self._kinds, self._asked_terms, MAX_SET)
        found: list[Reference] = []
        best = 0.0
        for clause in asking:
            terms = telling_terms(clause)
            facts, relevance = self._choose_facts(kinds_asked(clause), terms, MAX_FACTS)
            found += [fact for fact in facts if fact not in found]
            best = max(best, relevance)
        return found[:MAX_SET], best

    def _choose_facts(
        self, kinds: Sequence[str], asked: frozenset[str], most: int
    ) -> tuple[list[Reference], float]:
        """The facts to quote, and the relevance of the best one."""
        wanted = [*kinds, "time"] if self._reports_delay else list(kinds)
        competing = [f for f in self._facts if wanted and is_of_kind(f.quote, wanted)]
        of_kind = bool(competing)
        competing = competing or self._facts
        scores = [self._relevance(self._fact_text(fact), asked) for fact in competing]
        best = max(scores, default=0.0)
        comes_in_sets = of_kind and bool(SET_KINDS & set(wanted))
        # Of the right kind, the nearest fact is worth quoting even when it shares few words.
        at_least = max(CLOSE_TO_BEST * best, 0.05 if of_kind else MENTIONS)
        close = _best(scores, at_least, most if comes_in_sets else MAX_FACTS)
        if not close:
            # Nothing speaks of the question's words: the page's first facts are its headline.
            return (competing[:MAX_FACTS] if kinds else []), best
        first = max(close, key=lambda n: (scores[n], -n))
        if comes_in_sets:
            section = competing[first].section
            return [competing[n] for n in close if competing[n].section == section], best
        close.sort(key=lambda n: -scores[n])
        return [competing[n] for n in close], best

    def _wants_steps(self, best_fact: float) -> bool:
        """Whether the way to do something is asked for, and a step tells it better than a fact."""
        steps = self._procedure.instructions()
        told = max((self._relevance(self._text(step)) for step in steps), default=0.0)
        return self._asks_how and not self._kinds and told >= max(MENTIONS, best_fact)

    def _is_plea(self) -> bool:
        """Whether someone in need tells of it, asking nothing: then the case's step comes first."""
        leads_to_safety = any(
            step.reason_category is ReasonCategory.SAFETY for step in self._procedure.way_out()
        )
        asks = bool(self._kinds) or re.search(r"[?？吗么呢]", self._query) is not None
        return leads_to_safety and not asks and self._reports_a_case()

    def _reports_a_case(self) -> bool:
        """Whether a part of the message that asks nothing names a case of the procedure."""
        reporting = [clause for clause in clauses(self._query) if not kinds_asked(clause)]
        if not any(telling_terms(clause) for clause in reporting):
            return False
        return any(
            self._named(self._procedure.branches(step)) for step in self._procedure.conditions()
        )

    # Steps

    def _steps(self, *, enough: bool) -> None:
        """The part of the procedure that the question concerns, and the way to a human."""
        chosen: list[tuple[Step, list[Step]]] = []
        question: tuple[Step, Slot] | None = None
        for step in self._procedure.conditions():
            branches = self._procedure.branches(step)
            named = self._named(branches)
            if named:
                chosen.append((step, named))
            else:
                question = question or self._choice_between(branches)
        most = MAX_STEPS_HOW if self._asks_how else MAX_STEPS
        instructions = self._procedure.instructions()
        scores = [self._relevance(self._text(step)) for step in instructions]
        at_least = max(MENTIONS, CLOSE_TO_BEST * max(scores, default=0.0))
        concerned = [instructions[n] for n in _best(scores, at_least, most)]
        if not concerned and (self._asks_how or not (chosen or enough)):
            concerned = instructions[:most]
        elif not concerned and not chosen and "reason" in self._kinds:
            concerned = instructions[:1]  # where the case's own reason can be seen
        if not chosen and question is None:
            told_how = self._asks_how and bool(concerned) and enough
            if not self._kinds and not told_how:
                chosen += [(s, self._procedure.branches(s)) for s in self._procedure.conditions()]
            elif self._kinds:
                chosen += [
                    (step, near)
                    for step in self._procedure.conditions()
                    if (near := self._near(self._procedure.branches(step)))
                ]
        chosen += [(step, self._procedure.branches(step)) for step in concerned]
        chosen.sort(key=lambda part: self._procedure.position(part[0]))
        self._write(chosen)
        if question is not None:
            step, slot = question
            self._gap()
            self._line(slot.question.to(self._language))
            self._procedure.cite(step, self._answer)
        elif not self._asks_how:
            self._way_out()

    def _write(self, chosen: Sequence[tuple[Step, list[Step]]]) -> None:
        if chosen and self._answer.lines:
            self._gap()
        for n, (step, branches) in enumerate(chosen, 1):
            number = f"{n}. " if len(chosen) > 1 else ""
            # A case that was chosen stands for itself; several stand below what they depend on.
            alone = step.type is StepType.CONDITION and len(branches) == 1
            self._line(number + self._text(branches[0] if alone else step))
            self._procedure.cite(step, self._answer)
            for branch in branches:
                if not alone:
                    self._line(f"   • {self._text(branch)}")
                self._procedure.cite(branch, self._answer)

    def _named(self, branches: Sequence[Step]) -> list[Step]:
        """The branch whose case the customer names; two when both are; none when none is."""
        scores = [self._strength(_condition(self._text(branch))) for branch in branches]
        ranked = sorted(range(len(branches)), key=lambda n: (-scores[n], n))
        if not ranked or scores[ranked[0]] < NAMED:
            return []
        clear = len(ranked) == 1 or scores[ranked[0]] >= CLEARLY_NAMED * scores[ranked[1]]
        return [branches[n] for n in sorted(ranked[: 1 if clear else 2])]

    def _near(self, branches: Sequence[Step]) -> list[Step]:
        """The branches whose whole text speaks of the question, two at most."""
        scores = [self._relevance(self._text(branch)) for branch in branches]
        at_least = max(MENTIONS, CLOSE_TO_BEST * max(scores, default=0.0))
        return [branches[n] for n in _best(scores, at_least, 2)]

    def _strength(self, condition: str) -> float:
        now = self._pool.names(self._asked_terms, condition)
        if now > 0 or not self._is_follow_up():
            return now
        return EARLIER_WEIGHT * self._pool.names(self._earlier_terms, condition)

    def _way_out(self) -> None:
        """How to reach a human, and what to have ready."""
        steps = self._procedure.way_out()
        if not steps:
            return
        self._gap()
        self._line(self._text(steps[0]))
        self._procedure.cite(steps[0], self._answer)
        missing = [
            (step, slot)
            for step, slot in self._procedure.slots()
            if slot.type is SlotType.IDENTIFIER and slot.required and not self._given(slot)
        ]
        names = [slot.name.to(self._language) for _, slot in missing]
        already = steps[0].instruction.to(self._language).lower()
        if names and not any(name.lower() in already for name in names):
            joined = ("、" if self._language == "zh" else ", ").join(names)
            self._line(phrase("ready", self._language, names=joined))
            for step, _ in missing:
                self._procedure.cite(step, self._answer)

    # Slots

    def _choice_between(self, branches: Sequence[Step]) -> tuple[Step, Slot] | None:
        """The open question whose choices tell these branches apart."""
        conditions = [telling_terms(_condition(self._text(branch))) for branch in branches]
        for step, slot in self._procedure.slots():
            labels = [telling_terms(choice.to(self._language)) for choice in slot.choices]
            met = sum(any(label & condition for label in labels) for condition in conditions)
            if met > 1 and not self._given(slot) and not self._asked(slot):
                return step, slot
        return None

    def _given(self, slot: Slot) -> bool:
        """Whether a message of the customer holds a value for the slot."""
        messages = [self._query, *self._said, *self._known]
        if slot.pattern is not None:
            return any(_value(slot.pattern, message) for message in messages)
        if slot.choices:
            labels = [telling_terms(label) for choice in slot.choices for label in choice.each()]
            return any(label & telling_terms(m) for label in labels for m in messages)
        return self._asked(slot)

    def _asked(self, slot: Slot) -> bool:
        """Whether the slot was asked for before: what came then is the answer."""
        asked = [m.text for m in self._turn.history if m.role == "assistant"]
        return any(slot.question.to(self._language) in text for text in asked)

    def _given_by_itself(self) -> Slot | None:
        """The slot whose value is all the message consists of, e.g. an order number alone."""
        for _, slot in self._procedure.slots():
            value = _value(slot.pattern, self._query) if slot.pattern else None
            if value is None or len(self._query.strip()) > len(value) + 12:
                continue
            # A code the SOP speaks of (`E1003`) is a question about it.
            if not any(value in self._fact_text(fact) for fact in self._facts):
                return slot
        return None

    # Words

    def _is_follow_up(self) -> bool:
        return bool(self._said) and len(self._query) <= 24

    def _relevance(self, text: str, asked: frozenset[str] | None = None) -> float:
        """Of a text to what is asked; to the rest of the message and the one before, less so."""
        asked = self._asked_terms if asked is None else asked
        around = (self._asked_terms | self._earlier_terms) - asked
        return self._pool.relevance(asked, text) + EARLIER_WEIGHT * self._pool.relevance(
            around, text
        )

    def _fact_text(self, fact: Reference) -> str:
        return f"{fact.section} {_plain(fact.quote)}"

    def _text(self, step: Step) -> str:
        return _plain(step.instruction.to(self._language))

    def _line(self, text: str) -> None:
        self._answer.lines.append(text)

    def _gap(self) -> None:
        if self._answer.lines:
            self._answer.lines.append("")


class _Procedure:
    """The public steps of a scenario in one language, with what they cite."""

    def __init__(self, scenario: Subcategory, language: str) -> None:
        public = scenario.public_steps()
        self.by_id = {step.id: step for step in public}
        ids = {step.id for step in public}
        below = {
            n.target
            for step in public
            if step.type is StepType.CONDITION
            for n in step.next
            if n.condition is not None
        } | {step_id for step_id in ids if step_id.rpartition(".")[0] in ids}
        self._top = [step for step in public if step.id not in below]
        self._slots = {slot.id: slot for slot in scenario.slots}
        self._references = {r.id: r for r in scenario.public_references(language)}

    def conditions(self) -> list[Step]:
        """The steps that choose between cases."""
        return self._of(lambda step: step.type is StepType.CONDITION)

    def instructions(self) -> list[Step]:
        """The steps that say what to do whatever the case."""
        return self._of(lambda step: step.type is StepType.INSTRUCTION)

    def way_out(self) -> list[Step]:
        """The steps that lead to a human."""
        return self._of(lambda step: step.type is StepType.HANDOFF)

    def slots(self) -> list[tuple[Step, Slot]]:
        """The steps that collect something, with their slots."""
        return [
            (step, self._slots[step.slot])
            for step in self._of(lambda step: step.type is StepType.COLLECT)
            if step.slot in self._slots
        ]

    def branches(self, step: Step) -> list[Step]:
        """The steps below a step: a condition's cases, or the parts of another step."""
        top = {other.id for other in self._top}
        targets = dict.fromkeys(n.target for n in step.next)
        parts = dict.fromkeys(i for i in self.by_id if i.rpartition(".")[0] == step.id)
        return [self.by_id[t] for t in {**targets, **parts} if t in self.by_id and t not in top]

    def position(self, step: Step) -> int:
        """Where the step stands in the SOP."""
        return list(self.by_id).index(step.id)

    def cite(self, step: Step, answer: _Answer) -> None:
        """Note that `answer` used `step`."""
        answer.step_ids.append(step.id)
        answer.references += [
            self._references[r] for r in step.reference_ids if r in self._references
        ]

    def _of(self, holds: Callable[[Step], bool]) -> list[Step]:
        return [step for step in self._top if holds(step)]


def _best(scores: Sequence[float], at_least: float, most: int) -> list[int]:
    """Positions, in order, of the highest scores from `at_least` on."""
    ranked = sorted(range(len(scores)), key=lambda n: (-scores[n], n))
    return sorted(n for n in ranked[:most] if scores[n] >= at_least)


def _condition(text: str) -> str:
    """The case a branch is for: what stands before its colon; nothing for an `Otherwise`."""
    match = _CONDITION.match(text)
    condition = match["condition"] if match else text
    return "" if re.match(r"否则|其他|otherwise|in any other", condition.lower()) else condition


def _value(pattern: str, message: str) -> str | None:
    """The value for a slot in a message."""
    inner = pattern.removeprefix("^").removesuffix("$")
    found = re.search(rf"(?<![A-Za-z0-9])(?:{inner})(?![A-Za-z0-9])", message, re.IGNORECASE)
    return found[0] if found else None


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _plain(text: str) -> str:
    return _MARKUP.sub("", text).strip()
