"""Several tellings of one scenario in one language, made into one."""

from collections.abc import Iterable
from dataclasses import replace

from scenarios.parsing.lines import Found
from scenarios.parsing.sources import FoundReference, FoundScenario, FoundSlot


def merge(tellings: list[FoundScenario], warnings: list[str]) -> FoundScenario:
    """What all tellings say: the first description and procedure hold, lists add up."""
    tellings = _renumbered(tellings)
    procedure = _procedure(tellings, warnings)
    return replace(
        tellings[0],
        description=_first_description(tellings, warnings),
        scope=next((telling.scope for telling in tellings if telling.scope), None),
        examples=_unique(found for t in tellings for found in t.examples),
        training_phrases=_unique(found for t in tellings for found in t.training_phrases),
        negative_examples=_unique(found for t in tellings for found in t.negative_examples),
        slots=_unique_slots(slot for t in tellings for slot in t.slots),
        steps=procedure.steps,
        prohibitions=_unique(found for t in tellings for found in t.prohibitions),
        escalation=_unique(found for t in tellings for found in t.escalation),
        related=[entry for t in tellings for entry in t.related],
        references=_references(tellings, procedure),
    )


def _unique(found: Iterable[Found]) -> list[Found]:
    """Texts without those that were there before."""
    kept: dict[str, Found] = {}
    for text in found:
        kept.setdefault(text.text, text)
    return list(kept.values())


def _unique_slots(found: Iterable[FoundSlot]) -> list[FoundSlot]:
    kept: dict[str, FoundSlot] = {}
    for slot in found:
        kept.setdefault(slot.id, slot)
    return list(kept.values())


def _first_description(tellings: list[FoundScenario], warnings: list[str]) -> Found | None:
    first: Found | None = None
    for telling in tellings:
        found = telling.description
        if first is None:
            first = found
        elif found and found.text != first.text:
            warnings.append(
                f"{found.locator}: {telling.name.text!r} has a description already, "
                f"at {first.locator}; this one is left out"
            )
    return first


def _words(telling: FoundScenario) -> list[str]:
    return [step.instruction.text for step in telling.steps]


def _procedure(tellings: list[FoundScenario], warnings: list[str]) -> FoundScenario:
    """The first telling that has steps; the first of all when none has."""
    telling, *others = [t for t in tellings if t.steps] or tellings[:1]
    for other in others:
        if _words(other) != _words(telling):
            warnings.append(
                f"{other.steps[0].instruction.locator}: {other.name.text!r} has a procedure "
                f"already, at {telling.steps[0].instruction.locator}; this one is left out"
            )
    return telling


def _references(tellings: list[FoundScenario], chosen: FoundScenario) -> list[FoundReference]:
    """References of the chosen procedure, and of all else what no telling before has quoted."""
    steps = {
        number: telling is chosen
        for telling in tellings
        for step in telling.steps
        for number in step.references
    }
    quoted: set[str] = set()
    kept: list[FoundReference] = []
    for telling in tellings:
        kept += [
            reference
            for reference in telling.references
            if steps.get(reference.number, reference.quote not in quoted)
        ]
        quoted |= {reference.quote for reference in telling.references}
    return kept


def _renumbered(tellings: list[FoundScenario]) -> list[FoundScenario]:
    """Tellings whose sections count on from those of the telling before."""
    last = -1
    shifted: list[FoundScenario] = []
    for telling in tellings:
        shifted.append(_shifted(telling, last + 1) if last >= 0 else telling)
        sections = [_section(reference.number) for reference in shifted[-1].references]
        last = max([last, *sections])
    return shifted


def _section(number: str) -> int:
    return int(number.partition(".")[0])


def _shifted(telling: FoundScenario, by: int) -> FoundScenario:
    def shifted(number: str) -> str:
        section, dot, rest = number.partition(".")
        return f"{int(section) + by}{dot}{rest}"

    return replace(
        telling,
        references=[replace(r, number=shifted(r.number)) for r in telling.references],
        steps=[
            replace(step, references=[shifted(number) for number in step.references])
            for step in telling.steps
        ],
    )
