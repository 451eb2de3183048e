"""The bundled catalogue: complete, sound, and what its sources give."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from scenarios.catalogue import Catalogue, StepType
from scenarios.linting import lint
from scenarios.parsing import parse_files
from scenarios.schema import text as schema_text
from tests.conftest import ROOT

OUTLINE = json.loads((ROOT / "tests" / "scenarios" / "outline.json").read_text("utf-8"))
LANGUAGES = ("zh", "en")


def test_the_committed_catalogue_is_what_the_sources_give() -> None:
    sources = ROOT / "data" / "sop"

    parsed = parse_files([sources], documents_root=sources)

    committed = json.loads((ROOT / "data" / "catalogue.json").read_text("utf-8"))
    assert parsed.warnings == []
    assert parsed.catalogue.model_dump(mode="json", by_alias=True) == committed


def test_the_committed_schema_is_the_models_and_the_catalogue_fits_it() -> None:
    committed = (ROOT / "data" / "catalogue.schema.json").read_text("utf-8")
    content = json.loads((ROOT / "data" / "catalogue.json").read_text("utf-8"))

    assert committed == schema_text()
    assert list(Draft202012Validator(json.loads(committed)).iter_errors(content)) == []


def test_ids_and_names_are_those_of_the_outline(catalogue: Catalogue) -> None:
    ours = [
        (c.id, c.name.root, [(s.id, s.name.root) for s in c.subcategories])
        for c in catalogue.categories
    ]

    assert ours == [
        (c["id"], c["name"], [(s["id"], s["name"]) for s in c["subcategories"]])
        for c in OUTLINE["categories"]
    ]
    assert catalogue.fallback.id == OUTLINE["fallback"]["id"]
    assert catalogue.fallback.name.root == OUTLINE["fallback"]["name"]


def test_it_has_no_fault(catalogue: Catalogue) -> None:
    assert lint(catalogue, ROOT / "data" / "sop") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_scenario_is_whole_in_each_language(catalogue: Catalogue, language: str) -> None:
    for scenario in catalogue.open_scenarios():
        examples = [e.to(language) for e in scenario.examples if e.speaks(language)]
        top = [step for step in scenario.steps if "." not in step.id]

        assert scenario.description.speaks(language), scenario.id
        assert 10 <= len(examples) <= 15, scenario.id
        assert len(set(examples)) == len(examples), scenario.id
        assert scenario.name.to(language) not in examples, scenario.id
        assert 4 <= len(top) <= 8, scenario.id
        assert all(step.instruction.speaks(language) for step in scenario.steps), scenario.id
        assert scenario.prohibitions, scenario.id
        assert scenario.escalation, scenario.id
        assert scenario.related, scenario.id
        assert scenario.public_references(language), scenario.id


def test_a_description_says_what_belongs_to_a_neighbour(catalogue: Catalogue) -> None:
    names = {s.name.to(language) for s in catalogue.open_scenarios() for language in LANGUAGES}
    for scenario in catalogue.open_scenarios():
        for language in LANGUAGES:
            description = scenario.description.to(language)
            assert re.search("不属于|Not here", description), scenario.id
            assert any(name in description for name in names), scenario.id


def test_steps_are_typed_and_conditions_branch(catalogue: Catalogue) -> None:
    for scenario in catalogue.open_scenarios():
        kinds = {step.type for step in scenario.steps}
        assert {StepType.INSTRUCTION, StepType.CONDITION, StepType.HANDOFF} <= kinds, scenario.id
        for step in scenario.steps:
            if step.type is StepType.CONDITION:
                assert sum(n.condition is not None for n in step.next) >= 1, (scenario.id, step.id)
            if step.type is StepType.HANDOFF:
                assert step.reason_category is not None, (scenario.id, step.id)


def test_every_text_has_a_place_in_its_source(catalogue: Catalogue) -> None:
    for scenario in catalogue.open_scenarios():
        assert scenario.locators["description.zh"].startswith("scenarios.docx#")
        for n in range(len(scenario.examples)):
            assert scenario.locators[f"examples.{n}"].startswith("scenarios.docx#")
        for step in scenario.steps:
            assert f"{step.id}.zh" in "".join(scenario.locators), (scenario.id, step.id)


def test_no_public_text_promises_what_nobody_keeps(catalogue: Catalogue) -> None:
    promise = re.compile(
        r"我们会(尽快|马上|立即|为您|给您)|一定(会|能)到账|保证|已为您(转|提交)|稍后(会)?(联系|回复)您"
        r"|\bwe('ll| will) (call|contact|refund|get back|make sure|forward)|\bguarantee"
        r"|I have forwarded",
        re.IGNORECASE,
    )
    for scenario in catalogue.open_scenarios():
        for reference in scenario.public_references():
            found = promise.search(reference.quote)
            denied = re.search(r"不|无法|没有|not|never|no ", reference.quote)
            assert found is None or denied, (reference.id, reference.quote)
