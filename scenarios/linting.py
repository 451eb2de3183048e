"""What is wrong with a catalogue that the schema cannot see.

    python -m scenarios.linting data/catalogue.json [--documents-root data/sop]

Errors make a catalogue unfit to serve (an answer could lead nowhere); warnings make it worse
than it could be.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rapidfuzz import fuzz, process

from scenarios.catalogue import Catalogue, StepType, Subcategory
from scenarios.errors import CatalogueInvalid
from scenarios.loading import load_catalogue
from scenarios.terms import fold

OVERLAP = 95.0
"""Similarity (0 to 100) from which two sample questions count as the same question."""


@dataclass(frozen=True)
class Finding:
    """One fault."""

    severity: Literal["error", "warning"]
    code: str
    place: str
    """The id of the scenario, with the part: `withdrawals.status.steps.s3`."""
    message: str

    def __str__(self) -> str:
        return f"{self.severity} {self.code} {self.place}: {self.message}"


def lint(
    catalogue: Catalogue, documents_root: Path | None = None, *, overlaps: bool = True
) -> list[Finding]:
    """Every fault of `catalogue`, errors first.

    Args:
        documents_root: where the source documents lie; quotes are checked only when given.
        overlaps: compare every sample question with every other one, which takes a while.
    """
    findings = [
        finding
        for _, subcategory in catalogue.subcategories()
        for check in (_dangling_ids, _steps, _coverage, _hashes)
        for finding in check(subcategory, catalogue)
    ]
    if overlaps:
        findings += _overlaps(catalogue)
    if documents_root is not None:
        findings += _quotes(catalogue, documents_root)
    return sorted(findings, key=lambda finding: finding.severity)


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those findings that make a catalogue unfit to serve."""
    return [finding for finding in findings if finding.severity == "error"]


def _dangling_ids(subcategory: Subcategory, catalogue: Catalogue) -> Iterator[Finding]:
    for n, related in enumerate(subcategory.related):
        if catalogue.find(related.subcategory_id) is None:
            yield Finding(
                "error",
                "dangling-related",
                f"{subcategory.id}.related.{n}",
                f"expected a subcategory id, got {related.subcategory_id!r}",
            )
    steps = {step.id for step in subcategory.steps}
    slots = {slot.id for slot in subcategory.slots}
    references = {reference.id for reference in subcategory.references}
    for step in subcategory.steps:
        place = f"{subcategory.id}.steps.{step.id}"
        for target in step.next:
            if target.target not in steps:
                yield Finding(
                    "error", "dangling-step", place, f"expected a step id, got {target.target!r}"
                )
        if step.slot is not None and step.slot not in slots:
            yield Finding("error", "dangling-slot", place, f"expected a slot id, got {step.slot!r}")
        for reference_id in step.reference_ids:
            if reference_id not in references:
                yield Finding(
                    "error",
                    "dangling-reference",
                    place,
                    f"expected a reference id, got {reference_id!r}",
                )
    for ids, kind in (
        (subcategory.steps, "step"),
        (subcategory.slots, "slot"),
        (subcategory.references, "reference"),
    ):
        seen: set[str] = set()
        for part in ids:
            if part.id in seen:
                yield Finding(
                    "error",
                    f"duplicate-{kind}",
                    subcategory.id,
                    f"expected every {kind} id once, got {part.id!r} twice",
                )
            seen.add(part.id)


def _steps(subcategory: Subcategory, _: Catalogue) -> Iterator[Finding]:
    steps = subcategory.steps
    if not any(step.next for step in steps):
        return  # a plain list of steps is read from top to bottom
    for step in steps[:-1]:
        ends = step.type in (StepType.END, StepType.HANDOFF)
        if not step.next and not ends:
            yield Finding(
                "error",
                "step-leads-nowhere",
                f"{subcategory.id}.steps.{step.id}",
                "expected a next step, or type end or handoff",
            )
    reached, following = set(), [steps[0].id]
    nexts = {step.id: [n.target for n in step.next] for step in steps}
    while following:
        step_id = following.pop()
        if step_id not in reached:
            reached.add(step_id)
            following += nexts.get(step_id, [])
    for step in steps:
        if step.id not in reached:
            yield Finding(
                "error",
                "step-unreachable",
                f"{subcategory.id}.steps.{step.id}",
                "expected a step before it to lead here",
            )


def _coverage(subcategory: Subcategory, catalogue: Catalogue) -> Iterator[Finding]:
    if not subcategory.examples:
        yield Finding("warning", "no-examples", subcategory.id, "expected sample questions")
    if not subcategory.description:
        yield Finding("warning", "no-description", subcategory.id, "expected a description")
    for language in catalogue.languages():
        texts = (
            ("name", subcategory.name),
            ("description", subcategory.description),
            *((f"steps.{step.id}", step.instruction) for step in subcategory.steps),
            *((f"slots.{slot.id}", slot.question) for slot in subcategory.slots),
        )
        for part, text in texts:
            if text and not text.speaks(language):
                yield Finding(
                    "warning",
                    "untranslated",
                    f"{subcategory.id}.{part}",
                    f"expected a text in {language!r}",
                )
        if subcategory.examples and not any(e.speaks(language) for e in subcategory.examples):
            yield Finding(
                "warning",
                "untranslated",
                f"{subcategory.id}.examples",
                f"expected sample questions in {language!r}",
            )


def _hashes(subcategory: Subcategory, _: Catalogue) -> Iterator[Finding]:
    for reference in subcategory.references:
        digest = hashlib.sha256(reference.quote.encode()).hexdigest()
        if reference.sha256 and reference.sha256 != digest:
            yield Finding(
                "error",
                "quote-changed",
                f"{subcategory.id}.references.{reference.id}",
                "expected the quote its sha256 was taken of",
            )


def _overlaps(catalogue: Catalogue) -> Iterator[Finding]:
    """Sample questions that two scenarios share, but for case, spacing and script."""
    owners = [
        (fold(text), subcategory.id, text)
        for _, subcategory in catalogue.subcategories()
        for example in (*subcategory.examples, *subcategory.training_phrases)
        for text in example.each()
    ]
    texts = [folded for folded, _, _ in owners]
    for n, (folded, owner, text) in enumerate(owners):
        close = process.extract(
            folded, texts[n + 1 :], scorer=fuzz.ratio, score_cutoff=OVERLAP, limit=5
        )
        for _, _, offset in close:
            other = owners[n + 1 + offset]
            if other[1] != owner:
                yield Finding(
                    "warning",
                    "examples-overlap",
                    owner,
                    f"{text!r} is also in {other[1]}: {other[2]!r}",
                )


def _quotes(catalogue: Catalogue, root: Path) -> Iterator[Finding]:
    contents: dict[str, str | None] = {}
    for _, subcategory in catalogue.subcategories():
        for reference in subcategory.references:
            place = f"{subcategory.id}.references.{reference.id}"
            document = reference.document_id
            if document not in contents:
                path = root / document
                is_text = path.is_file() and path.suffix in (".md", ".markdown", ".txt")
                contents[document] = path.read_text("utf-8") if is_text else None
                if not path.is_file():
                    yield Finding(
                        "error",
                        "document-missing",
                        place,
                        f"expected a document at {document!r} below the documents",
                    )
            text = contents[document]
            if text is not None and reference.quote not in text:
                yield Finding(
                    "error",
                    "quote-not-in-document",
                    place,
                    f"expected {reference.quote!r:.80} in {document}",
                )


def main(arguments: list[str] | None = None) -> int:
    """Print the findings; 1 when there is an error, 2 when the file is no catalogue."""
    parser = argparse.ArgumentParser(prog="python -m scenarios.linting", description=__doc__)
    parser.add_argument("catalogue", type=Path)
    parser.add_argument("--documents-root", type=Path, help="check quotes against these documents")
    options = parser.parse_args(arguments)
    try:
        catalogue, warnings = load_catalogue(options.catalogue)
    except CatalogueInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 2
    findings = lint(catalogue, options.documents_root)
    for line in (*warnings, *findings):
        sys.stdout.write(f"{line}\n")
    faults = len(errors(findings))
    sys.stdout.write(f"{faults} errors, {len(findings) - faults + len(warnings)} warnings\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
