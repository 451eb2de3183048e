"""The text that tells about one scenario, cut into its labelled parts."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from scenarios.catalogue import Audience
from scenarios.parsing.lines import Found, Line, join_locators, together
from scenarios.parsing.slots import slots_of
from scenarios.parsing.sources import FoundReference, FoundRelated, FoundScenario
from scenarios.parsing.steps import condition_of, lay, marker_of, tree
from scenarios.parsing.words import label_of, labelled

INLINE = "inline"
"""The style of a line that followed its label on the same line."""
MARKDOWN_LIST = "list"
"""The style of Markdown's lists, whose levels are certain whatever their bullets look like."""
_QUESTION_END = ("?", "？")
_INTERNAL = re.compile(r"内部|\binternal\b", re.IGNORECASE)
_INTERNAL_SECTIONS = ("scope", "prohibitions", "escalation")


@dataclass
class Section:
    """A labelled part, or what stands before the first label."""

    kind: str
    """A key of `LABELS`, or `facts` for a heading that is no label."""
    number: int
    heading: str = ""
    lines: list[Line] = field(default_factory=list)
    labelled: bool = True

    @property
    def internal(self) -> bool:
        """True when no customer may read it."""
        return self.kind in _INTERNAL_SECTIONS or bool(_INTERNAL.search(self.heading))


@dataclass
class Details:
    """Fills a scenario from lines: `read` any number of times, then `finish`."""

    scenario: FoundScenario
    document_id: str
    numbers_are_steps: bool = False
    """True where a numbered list needs no label to be the procedure (documents of headings)."""
    warnings: list[str] = field(default_factory=list)
    _description: list[Line] = field(default_factory=list)
    _scope: list[Line] = field(default_factory=list)
    _sections: int = 0

    def read(self, lines: list[Line], kind: str = "description", *, labels: bool = True) -> None:
        """Read lines that begin in a section of this kind; `labels` may open other ones."""
        for section in self._cut(lines, kind, labels):
            if section.lines:
                _READERS[section.kind](self, section)

    def finish(self) -> FoundScenario:
        """The scenario with its description."""
        self.scenario.description = together(self._description) if self._description else None
        self.scenario.scope = together(self._scope) if self._scope else None
        return self.scenario

    def _cut(self, lines: list[Line], kind: str, labels: bool) -> list[Section]:
        sections = [Section(kind, self._sections, labelled=not labels)]
        for line in lines:
            opened = _opens(line, sections[-1].kind) if labels else None
            if opened is None:
                sections[-1].lines.append(line)
                continue
            opened_kind, rest = opened
            self._sections += 1
            heading = line.body if line.kind == "heading" else ""
            sections.append(Section(opened_kind, self._sections, heading))
            if rest:
                sections[-1].lines.append(
                    replace(
                        line, text=rest, body=rest, raw=rest, kind="plain", style=INLINE, number=""
                    )
                )
        return sections

    # One reader a kind of section.

    def _read_description(self, section: Section) -> None:
        lines = section.lines
        if not section.labelled or self.numbers_are_steps:
            lines = self._without_questions(lines)
        if self.numbers_are_steps:
            lines = self._without_steps(section, lines)
        elif not section.labelled and any(line.kind == "number" for line in lines):
            first = next(line for line in lines if line.kind == "number")
            self._warn(first, "numbered lines under no label stay in the description")
        self._description += lines

    def _without_questions(self, lines: list[Line]) -> list[Line]:
        items = [line for line in lines if line.is_item]
        if not items or not all(line.body.endswith(_QUESTION_END) for line in items):
            return lines
        self._warn(items[0], f"{len(items)} unlabelled questions are taken for sample questions")
        self.scenario.examples += [Found(line.body, line.locator) for line in items]
        return [line for line in lines if not line.is_item]

    def _without_steps(self, section: Section, lines: list[Line]) -> list[Line]:
        steps: list[Line] = []
        rest: list[Line] = []
        for line in lines:
            (steps if _continues(steps, line) else rest).append(line)
        self._lay(section, steps)
        return rest

    def _read_scope(self, section: Section) -> None:
        self._scope += section.lines
        self._quote_lines(section)

    def _read_examples(self, section: Section) -> None:
        lines, steps = _until_numbers(section.lines)
        if steps:
            self._warn(steps[0], "a numbered list after bulleted questions is taken for the steps")
            self._read_steps(replace(section, kind="steps", lines=steps))
        items = any(line.is_item for line in lines)
        for line in lines:
            if line.style == INLINE:
                self.scenario.examples += _questions(line)
            elif items and line.attached and self.scenario.examples:
                last = self.scenario.examples.pop()
                self.scenario.examples.append(_joined(last, line))
            elif items and not line.is_item and not line.body.endswith(_QUESTION_END):
                self._warn(line, "text between sample questions is taken into the description")
                self._description.append(line)
            else:
                self.scenario.examples.append(Found(line.body, line.locator))

    def _read_steps(self, section: Section) -> None:
        steps: list[Line] = []
        for line in section.lines:
            if _continues(steps, line) or line.kind == "bullet":
                steps.append(line)
            else:
                self._description.append(line)
        if not steps:
            self._warn(section.lines[0], "the procedure is prose and stays in the description")
        self._lay(section, steps)

    def _lay(self, section: Section, lines: list[Line]) -> None:
        first = 1 + sum(1 for step in self.scenario.steps if "." not in step.id)
        laid = lay(tree(lines), first)
        if first > 1 and laid.steps:
            self._lead_on(laid.steps[0].id)
        self.warnings += laid.warnings
        for step, quotes in laid.quotes:
            if section.internal:
                step.audience = Audience.AGENT
            for n, (quote, place) in enumerate(quotes, 1):
                number = f"{section.number}.{step.id[1:]}" + (f"-{n}" if n > 1 else "")
                internal = section.internal or step.audience is Audience.AGENT
                self._quote(section, number, quote, place, internal)
                step.references.append(number)
        self.scenario.steps += laid.steps

    def _lead_on(self, next_id: str) -> None:
        """A second list of steps goes on where the first one ended."""
        for step in self.scenario.steps:
            step.lead_on(next_id)

    def _read_related(self, section: Section) -> None:
        for line in section.lines:
            for name in line.cells or (line.body,):
                self.scenario.related.append(FoundRelated(Found(name, line.locator)))

    def _read_prohibitions(self, section: Section) -> None:
        self.scenario.prohibitions += _entries(section.lines)
        self._quote_lines(section)

    def _read_escalation(self, section: Section) -> None:
        self.scenario.escalation += _entries(section.lines)
        self._quote_lines(section)

    def _read_training(self, section: Section) -> None:
        self.scenario.training_phrases += _entries(section.lines)

    def _read_negative(self, section: Section) -> None:
        self.scenario.negative_examples += _entries(section.lines)

    def _read_slots(self, section: Section) -> None:
        slots, warnings = slots_of(section.lines)
        self.scenario.slots += slots
        self.warnings += warnings

    def _read_facts(self, section: Section) -> None:
        self._quote_lines(section)

    def _quote_lines(self, section: Section) -> None:
        """One reference for each line: items count 1, 2, ...; those below them 2.1, 2.2, ..."""
        counts: list[int] = []
        base = min(line.level for line in section.lines)
        for line in section.lines:
            if line.kind == "columns" or not line.raw.strip():
                continue
            depth = line.level - base if line.style.startswith(MARKDOWN_LIST) else 0
            counts = [*counts[: depth + 1], *[0] * (depth + 1 - len(counts))]
            counts[depth] += 1
            number = ".".join(str(max(count, 1)) for count in (section.number, *counts))
            self._quote(section, number, line.raw.strip(), line.locator, section.internal)

    def _quote(self, section: Section, number: str, quote: str, place: str, internal: bool) -> None:
        self.scenario.references.append(
            FoundReference(
                number,
                self.document_id,
                self.scenario.name.text,
                section.heading,
                quote,
                place,
                internal,
            )
        )

    def _warn(self, line: Line, message: str) -> None:
        self.warnings.append(f"{line.locator}: {message}")


def _until_numbers(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Lines up to a numbered list that follows a bulleted one, and those from there on."""
    bulleted = False
    for n, line in enumerate(lines):
        if bulleted and line.kind == "number":
            return lines[:n], lines[n:]
        bulleted = bulleted or line.kind == "bullet"
    return lines, []


_READERS: dict[str, Callable[[Details, Section], None]] = {
    "description": Details._read_description,
    "scope": Details._read_scope,
    "examples": Details._read_examples,
    "steps": Details._read_steps,
    "related": Details._read_related,
    "prohibitions": Details._read_prohibitions,
    "escalation": Details._read_escalation,
    "training": Details._read_training,
    "negative": Details._read_negative,
    "slots": Details._read_slots,
    "facts": Details._read_facts,
}


def _opens(line: Line, current: str) -> tuple[str, str] | None:
    """The section a line opens and what follows the label on it, or None."""
    if line.kind == "heading":
        return label_of(line.body) or "facts", ""
    if line.kind in ("columns", "row") or (line.attached and line.is_item):
        return None
    found = labelled(line.body)
    if found is None and (not line.is_item or line.strong) and (section := label_of(line.body)):
        found = section, ""
    if found is None or not line.is_item:
        return found
    section, rest = found
    # Inside a list an item may begin with such a word: `2. 说明：…` is a step,
    # `• 问题：…` a sample question.
    if current == "steps" and (marker_of(line) or section == "description"):
        return None
    if current != "description" and rest and line.kind == "bullet":
        return None
    return found


def _continues(steps: list[Line], line: Line) -> bool:
    """True when a line belongs to the numbered list that `steps` holds so far, or begins one."""
    if line.style == "1.1":
        return _counts_on(steps, line)
    if line.kind == "number":
        return True
    if not steps:
        return False
    if line.kind == "bullet":
        return line.style != MARKDOWN_LIST or line.level > 0
    return line.kind == "plain" and (line.attached or condition_of(line.body) is not None)


def _counts_on(steps: list[Line], line: Line) -> bool:
    """True for `3.1` below the third step, behind `3.x`, or as the first of all.

    `1.5 points are needed` at a paragraph's beginning is no item.
    """
    first = line.number.partition(".")[0]
    tops = [step for step in steps if step.kind == "number" and step.style != "1.1"]
    if tops:
        return first in (tops[-1].number, str(len(tops)))
    if steps:
        return steps[-1].style == "1.1" and steps[-1].number.partition(".")[0] in (
            first,
            str(int(first) - 1),
        )
    return line.number.endswith(".1")


_QUESTION_GAPS = re.compile(r"\s*[；;]\s*|(?<=[？?])\s*(?=[^）)”\"』」])")


def _questions(line: Line) -> list[Found]:
    """Questions that stand on one line behind their label."""
    parts = (part.strip() for part in _QUESTION_GAPS.split(line.body))
    return [Found(part, line.locator) for part in parts if part]


def _joined(found: Found, line: Line) -> Found:
    return Found(f"{found.text}\n{line.body}", join_locators([found.locator, line.locator]))


def _entries(lines: list[Line]) -> list[Found]:
    """One text for each line; what hangs on to an item is part of it."""
    entries: list[Found] = []
    for line in lines:
        if line.kind == "columns":
            continue
        if line.attached and entries:
            entries.append(_joined(entries.pop(), line))
        else:
            entries.append(Found(line.body, line.locator))
    return entries
