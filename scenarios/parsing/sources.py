"""What a parser found in one document, before documents are linked into a catalogue."""

from dataclasses import dataclass, field

from scenarios.catalogue import (
    Audience,
    Catalogue,
    ReasonCategory,
    Requirement,
    SlotType,
    StepType,
)
from scenarios.parsing.lines import Found


@dataclass
class FoundLead:
    """Where a step leads: under a condition, or always."""

    target: str
    condition: str | None = None


@dataclass
class FoundStep:
    """A step in one language."""

    id: str
    type: StepType
    instruction: Found
    requirement: Requirement = Requirement.MUST
    audience: Audience = Audience.VISITOR
    slot: str | None = None
    reason: ReasonCategory | None = None
    leads: list[FoundLead] = field(default_factory=list)
    references: list[str] = field(default_factory=list)
    """Numbers of the references that quote this step."""

    def lead_on(self, step_id: str) -> None:
        """Let a step that leads nowhere yet lead to `step_id`, unless it is an end."""
        has_default = any(lead.condition is None for lead in self.leads)
        if self.type is not StepType.END and not has_default:
            self.leads.append(FoundLead(step_id))


@dataclass
class FoundSlot:
    """Something to ask for, in one language."""

    id: str
    name: Found
    question: Found
    type: SlotType = SlotType.TEXT
    pattern: str | None = None
    choices: list[str] = field(default_factory=list)
    required: bool = True
    sensitive: bool = False


@dataclass
class FoundReference:
    """A passage that may be quoted."""

    number: str
    """`<section>.<item>`, with a part more for each level below: `5.3.1`."""
    document_id: str
    title: str
    section: str
    quote: str
    locator: str
    internal: bool = False


@dataclass
class FoundRelated:
    """The names in a list of neighbours, not yet told apart, and how they relate."""

    names: Found
    relation: str = "similar"


@dataclass
class FoundScenario:
    """A scenario as one place of one document tells it, in one language."""

    category: Found
    name: Found
    language: str | None = None
    category_id: str | None = None
    id: str | None = None
    """Known when the document's path tells it."""
    description: Found | None = None
    scope: Found | None = None
    """What belongs here and what does not; it describes a scenario that has no description."""
    examples: list[Found] = field(default_factory=list)
    training_phrases: list[Found] = field(default_factory=list)
    negative_examples: list[Found] = field(default_factory=list)
    slots: list[FoundSlot] = field(default_factory=list)
    steps: list[FoundStep] = field(default_factory=list)
    prohibitions: list[Found] = field(default_factory=list)
    escalation: list[Found] = field(default_factory=list)
    related: list[FoundRelated] = field(default_factory=list)
    references: list[FoundReference] = field(default_factory=list)


@dataclass
class Source:
    """One document and all that was found in it."""

    document_id: str
    scenarios: list[FoundScenario] = field(default_factory=list)
    category_descriptions: dict[str, Found] = field(default_factory=dict)
    """Name of a category -> what the document says below its heading."""
    catalogue: Catalogue | None = None
    """Set when the document is a catalogue already."""
    warnings: list[str] = field(default_factory=list)
    sha256: str = ""
