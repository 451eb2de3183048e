"""The catalogue: categories of scenarios, each with its examples, steps, slots and references.

This is the canonical form; `scenarios.loading` reads it and the two short forms into it.
A text is a string, or a map from language to string (`{"zh": "...", "en": "..."}`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, field_validator, model_validator

SCHEMA_VERSION = "1.0"
ID_PATTERN = r"^[\w-]+(\.[\w-]+)*$"
"""Ids are slugs in any script; a subcategory's id is `<category id>.<slug>`."""

BOUNDARY = re.compile(r"(不属于|不包括|不在此列|Not here|Does not belong|Excludes?)\s*[:：]?", re.I)
"""Where a description turns to what belongs to a neighbour instead."""

Language = str
"""A two-letter language tag: `zh` or `en` in the bundled catalogue."""


class Text(RootModel[str | dict[str, str]]):
    """A text in one unnamed language, or a map from language to text."""

    model_config = ConfigDict(frozen=True)

    def to(self, language: Language | None = None) -> str:
        """The text in `language`, else in whatever language there is (first one given)."""
        if isinstance(self.root, str):
            return self.root
        if language is not None and language in self.root:
            return self.root[language]
        return next(iter(self.root.values()), "")

    def speaks(self, language: Language) -> bool:
        """True when the text exists in `language`; a plain string counts for every language."""
        return isinstance(self.root, str) or language in self.root

    def each(self) -> list[str]:
        """The text in every language it has."""
        return [self.root] if isinstance(self.root, str) else list(self.root.values())

    def items(self) -> list[tuple[Language | None, str]]:
        """Pairs of language (None for a plain string) and text."""
        return [(None, self.root)] if isinstance(self.root, str) else list(self.root.items())

    def __bool__(self) -> bool:
        return any(text.strip() for text in self.each())

    def __str__(self) -> str:
        return self.to()

    def __hash__(self) -> int:
        return hash(tuple(self.each()))


class Status(StrEnum):
    """Where a scenario stands in its life; only active ones are routed to."""

    ACTIVE = "active"
    DRAFT = "draft"
    ARCHIVED = "archived"


class Audience(StrEnum):
    """Who may read a text: a visitor may read what is meant for visitors only."""

    VISITOR = "visitor"
    AGENT = "agent"


class StepType(StrEnum):
    """What a step does."""

    INSTRUCTION = "instruction"
    COLLECT = "collect"
    CONDITION = "condition"
    ACTION = "action"
    HANDOFF = "handoff"
    END = "end"


class Requirement(StrEnum):
    """How binding a step is."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


class SlotType(StrEnum):
    """What kind of value a slot takes."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"
    IDENTIFIER = "identifier"


class ReasonCategory(StrEnum):
    """Why a conversation is handed to a human."""

    CUSTOMER_REQUEST = "customer_request"
    MISSING_KNOWLEDGE = "missing_knowledge"
    UNSUPPORTED_REQUEST = "unsupported_request"
    POLICY_RESTRICTION = "policy_restriction"
    TOOL_FAILURE = "tool_failure"
    PENDING_CLARIFICATION = "pending_clarification"
    SAFETY = "safety"
    USAGE_LIMIT = "usage_limit"


class _Part(BaseModel):
    """A part of the catalogue: closed, immutable, equal by value."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceDocument(_Part):
    """A document the catalogue was made from."""

    id: str
    """How references name it: its path below the folder of sources, with `/` between."""
    path: str
    sha256: str


class Slot(_Part):
    """Something the company needs to know from the customer."""

    id: str
    name: Text
    question: Text
    type: SlotType = SlotType.TEXT
    pattern: str | None = None
    """A regular expression for `identifier` slots."""
    choices: list[Text] = []
    """What a `choice` slot may hold."""
    required: bool = True
    sensitive: bool = False

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(
                    f"expected a regular expression, got {pattern!r}: {error}"
                ) from None
        return pattern


class Next(_Part):
    """Where a step leads: `{"if", "then"}` or `{"else"}`."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    condition: Text | None = Field(None, alias="if")
    then: str | None = None
    otherwise: str | None = Field(None, alias="else")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        conditional = self.condition is not None and self.then is not None
        if conditional == (self.otherwise is not None):
            raise ValueError('expected {"if": ..., "then": step id} or {"else": step id}')
        return self

    @property
    def target(self) -> str:
        """The id of the step this leads to."""
        return self.then or self.otherwise or ""


class Step(_Part):
    """One step of a scenario's procedure."""

    id: str
    type: StepType = StepType.INSTRUCTION
    requirement: Requirement = Requirement.MUST
    instruction: Text
    slot: str | None = None
    next: list[Next] = []
    reference_ids: list[str] = []
    audience: Audience = Audience.VISITOR
    reason_category: ReasonCategory | None = None


class Related(_Part):
    """A neighbouring scenario."""

    subcategory_id: str
    relation: str = "similar"
    """`similar`, `next` or `parent`, or the source's own word."""


class Reference(_Part):
    """A passage of a source document that an answer may quote."""

    id: str
    document_id: str
    title: str = ""
    section: str = ""
    locator: str = ""
    """Where in the source, e.g. `zh/withdrawals/status.md#L12`."""
    quote: str = ""
    language: Language | None = None
    visibility: Literal["public", "internal"] = "public"
    sha256: str = ""
    """SHA-256 of the quoted text (UTF-8, hex)."""

    @property
    def place(self) -> str:
        """Document and section as one string: `zh/withdrawals/status.md#处理时限`."""
        return f"{self.document_id}#{anchor(self.section)}" if self.section else self.document_id


class Escalation(_Part):
    """When a conversation of this scenario goes to a human, and why."""

    text: Text
    reason_category: ReasonCategory | None = None


class Subcategory(_Part):
    """A scenario: one kind of query and what the company does for it."""

    id: str = Field(pattern=ID_PATTERN)
    name: Text
    description: Text = Text("")
    """What belongs here and what does not."""
    status: Status = Status.ACTIVE
    examples: list[Text] = []
    """Sample questions, shown to people; the short forms call them `faq_samples`."""
    training_phrases: list[Text] = []
    """More ways customers put it, which only routing reads."""
    negative_examples: list[Text] = []
    confidence_threshold: float | None = Field(None, ge=0, le=1)
    audience: Audience = Audience.VISITOR
    slots: list[Slot] = []
    steps: list[Step] = []
    prohibitions: list[Text] = []
    related: list[Related] = []
    references: list[Reference] = []
    escalation: list[Escalation] = []
    locators: dict[str, str] = {}
    """Where each text came from: `description.zh`, `examples.3`, `steps.s2.en`, ... -> locator."""

    @field_validator("escalation", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return []
        entries = value if isinstance(value, list) else [value]
        return [{"text": entry} if isinstance(entry, str) else entry for entry in entries]

    def language_for(self, language: Language) -> Language:
        """`language` when the scenario has texts in it, else a language it has texts in."""
        texts = [self.description, *(step.instruction for step in self.steps)]
        if any(text and text.speaks(language) for text in texts):
            return language
        named = (tag for text in texts for tag, _ in text.items() if tag)
        return next(named, language)

    def public_steps(self) -> list[Step]:
        """The steps a customer may read, branches among them, in order."""
        return [step for step in self.steps if step.audience is Audience.VISITOR]

    def facts(self, language: Language) -> list[Reference]:
        """Public passages in `language` that are no step's."""
        of_steps = {reference_id for step in self.steps for reference_id in step.reference_ids}
        return [
            reference
            for reference in self.public_references(language)
            if reference.quote and reference.id not in of_steps
        ]

    def whole_documents(self) -> tuple[Reference, ...]:
        """Public references without a quote, as short forms have them: a document as such."""
        return tuple(r for r in self.public_references() if not r.quote)

    def public_references(self, language: Language | None = None) -> list[Reference]:
        """References a visitor may see, in `language` when given (untagged ones always)."""
        return [
            reference
            for reference in self.references
            if reference.visibility == "public"
            and (language is None or reference.language in (None, language))
        ]


class Category(_Part):
    """A group of scenarios."""

    id: str = Field(pattern=ID_PATTERN)
    name: Text
    description: Text = Text("")
    subcategories: list[Subcategory] = []
    locators: dict[str, str] = {}


class Fallback(_Part):
    """The name under which queries outside the catalogue are reported."""

    id: str = "fallback"
    name: Text = Text({"zh": "其他未分类问题（兜底）", "en": "Unclassified (fallback)"})


class Catalogue(BaseModel):
    """Every scenario the service knows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: str = SCHEMA_VERSION
    catalogue_version: str = "1"
    content_hash: str = ""
    """SHA-256 over everything but this field; `sealed` fills it in."""
    default_language: Language = "zh"
    source_documents: list[SourceDocument] = []
    categories: list[Category] = []
    fallback: Fallback = Fallback()

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        seen: set[str] = {self.fallback.id}
        for category in self.categories:
            for part_id in (category.id, *(s.id for s in category.subcategories)):
                if part_id in seen:
                    raise ValueError(f"expected every id once, got {part_id!r} twice")
                seen.add(part_id)
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As of pydantic, but without what was computed from the original's content."""
        copied = super().model_copy(update=update, deep=deep)
        for computed in ("_by_id", "_open"):
            copied.__dict__.pop(computed, None)
        return copied

    def sealed(self) -> Catalogue:
        """The same catalogue with its `content_hash` filled in."""
        content = self.model_dump(mode="json", by_alias=True, exclude={"content_hash"})
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return self.model_copy(
            update={"content_hash": hashlib.sha256(canonical.encode()).hexdigest()}
        )

    def to_serve(self) -> Catalogue:
        """The same catalogue without what only routing and its makers read, which is half of it:
        training phrases and locators. The content hash stays that of the whole."""
        return self.model_copy(
            update={
                "categories": [
                    category.model_copy(
                        update={
                            "locators": {},
                            "subcategories": [
                                s.model_copy(update={"locators": {}, "training_phrases": []})
                                for s in category.subcategories
                            ],
                        }
                    )
                    for category in self.categories
                ]
            }
        )

    def subcategories(self) -> Iterator[tuple[Category, Subcategory]]:
        """Every subcategory with its category, in order."""
        for category in self.categories:
            for subcategory in category.subcategories:
                yield category, subcategory

    @cached_property
    def _by_id(self) -> dict[str, tuple[Category, Subcategory]]:
        return {s.id: (c, s) for c, s in self.subcategories()}

    def find(self, subcategory_id: str) -> tuple[Category, Subcategory] | None:
        """The subcategory with this id and its category, or None."""
        return self._by_id.get(subcategory_id)

    def __getitem__(self, subcategory_id: str) -> Subcategory:
        return self._by_id[subcategory_id][1]

    def category_of(self, subcategory_id: str) -> Category:
        """The category a subcategory belongs to; KeyError for an unknown id."""
        return self._by_id[subcategory_id][0]

    @cached_property
    def _open(self) -> frozenset[str]:
        return frozenset(
            s.id
            for _, s in self.subcategories()
            if s.status is Status.ACTIVE and s.audience is Audience.VISITOR
        )

    def is_open(self, subcategory_id: str) -> bool:
        """True for a scenario that customers may reach: active, and not for agents only."""
        return subcategory_id in self._open

    def open_scenarios(self) -> list[Subcategory]:
        """The scenarios that customers may reach, in order."""
        return [s for _, s in self.subcategories() if s.id in self._open]

    def open_categories(self) -> list[Category]:
        """The categories that hold one of them."""
        return [c for c in self.categories if any(s.id in self._open for s in c.subcategories)]

    def languages(self) -> list[Language]:
        """The languages in which subcategories are named, default language first."""
        found = {
            language for _, s in self.subcategories() for language, _ in s.name.items() if language
        }
        return sorted(found, key=lambda language: (language != self.default_language, language))


def anchor(heading: str) -> str:
    """The fragment a Markdown viewer gives a heading: lower case, words joined by hyphens.

    >>> anchor("How long it takes")
    'how-long-it-takes'
    """
    kept = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return re.sub(r"\s+", "-", kept)


def slug(name: str) -> str:
    """A stable id part for a name in any script.

    >>> slug("取款/提现")
    '取款-提现'
    """
    kept = re.sub(r"[^\w]+", "-", name.strip().lower()).strip("-")
    return kept or "unnamed"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the canonical form, as committed in `data/catalogue.schema.json`."""
    schema = Catalogue.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "catalogue.schema.json",
        **schema,
    }
