"""One scenario told in several languages, put together as one subcategory."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from scenarios.catalogue import (
    Escalation,
    Next,
    Reference,
    Related,
    Slot,
    SlotType,
    Step,
    Subcategory,
    Text,
)
from scenarios.parsing.lines import Found
from scenarios.parsing.related import Names, nearest, neighbours
from scenarios.parsing.sources import FoundLead, FoundScenario, FoundSlot, FoundStep
from scenarios.parsing.words import REASON

Tongues = dict[str | None, FoundScenario]
"""Language -> what is told in it, the default language first; None where it is not known."""


def text_in(found: Iterable[tuple[str | None, str]]) -> Text:
    """A map from language to text, or a plain text where the language is not known."""
    texts = list(found)
    named = {language: text for language, text in texts if language is not None}
    return Text(named) if named else Text(texts[0][1] if texts else "")


@dataclass
class Telling:
    """Builds one subcategory from what each language tells."""

    id: str
    category_id: str
    tongues: Tongues
    names: Names
    warnings: list[str] = field(default_factory=list)
    _locators: dict[str, str] = field(default_factory=dict)

    def subcategory(self) -> Subcategory:
        """The subcategory with its locators."""
        return Subcategory(
            id=self.id,
            name=self._text("name", {lang: s.name for lang, s in self.tongues.items()}),
            description=self._text(
                "description",
                {
                    lang: found
                    for lang, s in self.tongues.items()
                    if (found := s.description or s.scope)
                },
            ),
            examples=self._listed("examples", lambda s: s.examples),
            training_phrases=self._listed("training_phrases", lambda s: s.training_phrases),
            negative_examples=self._listed("negative_examples", lambda s: s.negative_examples),
            confidence_threshold=None,
            slots=self._slots(),
            steps=self._steps(),
            prohibitions=self._paired("prohibitions", lambda s: s.prohibitions),
            related=self._related(),
            references=self._references(),
            escalation=[
                Escalation.model_validate({"text": text, "reason_category": _reason(text)})
                for text in self._paired("escalation", lambda s: s.escalation)
            ],
            locators=self._locators,
        )

    def _text(self, key: str, found: dict[str | None, Found]) -> Text:
        for language, text in found.items():
            self._locators[f"{key}.{language}" if language else key] = text.locator
        return text_in((language, text.text) for language, text in found.items())

    def _listed(self, key: str, of: Callable[[FoundScenario], list[Found]]) -> list[Text]:
        """Texts of all languages one after the other, each in its own language."""
        texts: list[Text] = []
        for language, scenario in self.tongues.items():
            for found in of(scenario):
                self._locators[f"{key}.{len(texts)}"] = found.locator
                texts.append(text_in([(language, found.text)]))
        return texts

    def _paired(self, key: str, of: Callable[[FoundScenario], list[Found]]) -> list[Text]:
        """Texts paired by position; where their counts differ they stay apart."""
        lists = {lang: of(scenario) for lang, scenario in self.tongues.items() if of(scenario)}
        counts = {lang: len(found) for lang, found in lists.items()}
        if len(set(counts.values())) > 1:
            self._warn(f"{key} differ in number between languages ({_shown(counts)}); not paired")
            return self._listed(key, of)
        return [
            self._text(f"{key}.{n}", {lang: found[n] for lang, found in lists.items()})
            for n in range(max(counts.values(), default=0))
        ]

    # Slots pair by id.

    def _slots(self) -> list[Slot]:
        found: dict[str, dict[str | None, FoundSlot]] = {}
        for language, scenario in self.tongues.items():
            for slot in scenario.slots:
                found.setdefault(slot.id, {}).setdefault(language, slot)
        self._check_slots(found)
        return [self._slot(slot_id, slots) for slot_id, slots in found.items()]

    def _slot(self, slot_id: str, slots: dict[str | None, FoundSlot]) -> Slot:
        first = next(iter(slots.values()))
        return Slot(
            id=slot_id,
            name=self._text(f"slots.{slot_id}", {lang: slot.name for lang, slot in slots.items()}),
            question=text_in((lang, slot.question.text) for lang, slot in slots.items()),
            type=first.type,
            pattern=first.pattern,
            choices=self._choices(slots) if first.type is SlotType.CHOICE else [],
            required=first.required,
            sensitive=first.sensitive,
        )

    def _choices(self, slots: dict[str | None, FoundSlot]) -> list[Text]:
        first = next(iter(slots.values()))
        speaking = {
            lang: slot.choices
            for lang, slot in slots.items()
            if len(slot.choices) == len(first.choices)
        }
        if len(speaking) < len(slots):
            self._warn(f"the choices of {first.id!r} differ in number between languages")
        return [
            text_in((lang, choices[n]) for lang, choices in speaking.items())
            for n in range(len(first.choices))
        ]

    def _check_slots(self, found: dict[str, dict[str | None, FoundSlot]]) -> None:
        telling = [language for language, s in self.tongues.items() if s.slots]
        for slot_id, slots in found.items():
            first, *others = slots.values()
            if len(slots) < len(telling):
                missing = [str(language) for language in telling if language not in slots]
                self._warn(f"slot {slot_id!r} is missing in {', '.join(missing)}")
            for other in others:
                if _facts_of_slot(first) != _facts_of_slot(other):
                    place = other.name.locator
                    self._warn(f"slot {slot_id!r} differs between languages at {place}")
        for scenario in self.tongues.values():
            for step in scenario.steps:
                if step.slot and step.slot not in found:
                    self._warn(
                        f"{step.instruction.locator}: step {step.id} collects {step.slot!r}, "
                        "which is no slot here"
                    )

    # Steps pair by position.

    def _steps(self) -> list[Step]:
        telling = {lang: s for lang, s in self.tongues.items() if s.steps}
        if not telling:
            return []
        first_language, first = next(iter(telling.items()))
        agreeing = {
            lang: s for lang, s in telling.items() if _shape(s.steps) == _shape(first.steps)
        }
        for language in telling.keys() - agreeing.keys():
            self._warn(
                f"the steps in {language} differ in count or types from those in "
                f"{first_language} ({_difference(first.steps, telling[language].steps)}); "
                f"those in {first_language} are used"
            )
        return [
            self._step({lang: s.steps[n] for lang, s in agreeing.items()})
            for n in range(len(first.steps))
        ]

    def _step(self, steps: dict[str | None, FoundStep]) -> Step:
        first = next(iter(steps.values()))
        for language, step in steps.items():
            if _facts_of_step(step) != _facts_of_step(first):
                self._warn(
                    f"{step.instruction.locator}: step {step.id} in {language} differs in slot, "
                    "reason, requirement or audience; the default language's holds"
                )
        return Step(
            id=first.id,
            type=first.type,
            requirement=first.requirement,
            instruction=self._text(
                f"steps.{first.id}", {lang: step.instruction for lang, step in steps.items()}
            ),
            slot=first.slot,
            next=[
                _next({lang: step.leads[n] for lang, step in steps.items() if len(step.leads) > n})
                for n in range(len(first.leads))
            ],
            reference_ids=[
                self._reference_id(language, number)
                for language, step in steps.items()
                for number in step.references
            ],
            audience=first.audience,
            reason_category=first.reason,
        )

    def _reference_id(self, language: str | None, number: str) -> str:
        return f"{self.id}#{language}.{number}" if language else f"{self.id}#{number}"

    def _references(self) -> list[Reference]:
        return [
            Reference(
                id=self._reference_id(language, found.number),
                document_id=found.document_id,
                title=found.title,
                section=found.section,
                locator=found.locator,
                quote=found.quote,
                language=language,
                visibility="internal" if found.internal else "public",
                sha256=hashlib.sha256(found.quote.encode()).hexdigest(),
            )
            for language, scenario in self.tongues.items()
            for found in scenario.references
        ]

    def _related(self) -> list[Related]:
        found: dict[str, Related] = {}
        places: dict[str, dict[str | None, str]] = {}
        for language, scenario in self.tongues.items():
            for entry in scenario.related:
                listed = neighbours(entry.names.text, self.names, language, self.category_id)
                for neighbour in listed:
                    target, place = neighbour.subcategory_id, entry.names.locator
                    if target is None:
                        hint = nearest(neighbour.name, self.names.spoken(language))
                        self._warn(f"{place}: related {neighbour.name!r} is no scenario{hint}")
                    elif target != self.id:
                        found.setdefault(
                            target,
                            Related(subcategory_id=target, relation=neighbour.relation),
                        )
                        places.setdefault(target, {}).setdefault(language, place)
        for n, target in enumerate(found):
            for language, place in places[target].items():
                self._locators[f"related.{n}.{language}" if language else f"related.{n}"] = place
        return list(found.values())

    def _warn(self, message: str) -> None:
        self.warnings.append(f"{self.id}: {message}")


def _reason(text: Text) -> str | None:
    matches = (REASON.search(shown) for shown in text.each())
    return next((match[1] for match in matches if match), None)


def _shown(counts: dict[str | None, int]) -> str:
    return ", ".join(f"{language}: {count}" for language, count in counts.items())


def _facts_of_slot(slot: FoundSlot) -> tuple[object, ...]:
    return slot.type, slot.pattern, slot.required, slot.sensitive


def _facts_of_step(step: FoundStep) -> tuple[object, ...]:
    return step.slot, step.reason, step.requirement, step.audience


def _shape(steps: Sequence[FoundStep]) -> list[tuple[object, ...]]:
    return [(s.id, s.type, *((lead.target, not lead.condition) for lead in s.leads)) for s in steps]


def _difference(first: Sequence[FoundStep], other: Sequence[FoundStep]) -> str:
    for mine, theirs in zip(first, other, strict=False):
        if _shape([mine]) != _shape([theirs]):
            return (
                f"{mine.id} {mine.type.value} at {mine.instruction.locator}, "
                f"{theirs.id} {theirs.type.value} at {theirs.instruction.locator}"
            )
    return f"{len(first)} steps, {len(other)} steps"


def _next(leads: dict[str | None, FoundLead]) -> Next:
    first = next(iter(leads.values()))
    if not first.condition:
        return Next.model_validate({"else": first.target})
    condition = text_in((lang, lead.condition or "") for lang, lead in leads.items())
    return Next.model_validate({"if": condition, "then": first.target})
