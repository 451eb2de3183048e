"""`GET /scenarios`, `GET /scenarios/{id}` and `POST /scenarios/reload`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, Field

from api.dependencies import CurrentRelease, CurrentService, NamesIn
from api.errors import responses
from scenarios.catalogue import Catalogue, Category, Subcategory
from scenarios.terms import fold

router = APIRouter(tags=["catalogue"])


class StepView(BaseModel):
    """A step a customer may read."""

    id: str = Field(examples=["s1"])
    type: str = Field(examples=["collect"])
    requirement: str = Field(examples=["must"])
    instruction: str = Field(examples=["请提供提现单号（W 开头加 12 位数字）。"])


class Passage(BaseModel):
    """A passage answers may quote."""

    id: str = Field(examples=["withdrawals.status#zh.2.1"])
    document: str = Field(examples=["zh/withdrawals/status.md"])
    section: str = Field(examples=["处理时限"])
    place: str = Field(examples=["zh/withdrawals/status.md#处理时限"])
    locator: str = Field(examples=["zh/withdrawals/status.md#L8"])
    quote: str = Field(examples=["银行卡提现通常 10 分钟到 2 小时到账，最长 24 小时。"])


class ScenarioView(BaseModel):
    """A scenario."""

    id: str = Field(examples=["withdrawals.status"])
    category_id: str = Field(examples=["withdrawals"])
    category: str = Field(examples=["取款/提现"])
    subcategory: str = Field(examples=["提现状态查询"])
    description: str = Field(examples=["查询已提交的提现到了哪一步。"])
    related_subcategories: list[str] = Field(examples=[["提现失败原因"]])
    examples: list[str] = Field(examples=[["提了三个小时了还没到"]])
    steps: list[StepView]


class ScenarioDetail(ScenarioView):
    """A scenario with the passages answers may quote."""

    references: list[Passage]


class Scenarios(BaseModel):
    """Scenarios by category."""

    total_categories: int = Field(examples=[13])
    total_scenarios: int = Field(examples=[54])
    categories: dict[str, list[ScenarioView]] = Field(description="Category name -> scenarios.")


class Reloaded(BaseModel):
    """What a reload did."""

    changed: bool = Field(examples=[True])
    catalogue_version: str = Field(examples=["6d1f8a0c52be"])
    scenarios_loaded: int = Field(examples=[54])
    warnings: list[str] = Field(examples=[[]])


@router.get("/scenarios", summary="Browse or search the catalogue")
async def scenarios(
    release: CurrentRelease,
    lang: NamesIn,
    q: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Words to look for in names, descriptions, sample "
            "questions and steps; all must occur.",
            examples=["提现"],
        ),
    ] = None,
) -> Scenarios:
    """Every active scenario by category; with `q`, those whose texts hold all its words."""
    catalogue = release.catalogue
    words = fold(q or "").split()
    found: dict[str, list[ScenarioView]] = {}
    for category, subcategory in catalogue.subcategories():
        if catalogue.is_open(subcategory.id) and _holds(subcategory, words):
            name = category.name.to(lang or catalogue.default_language)
            found.setdefault(name, []).append(
                ScenarioView(**_view(catalogue, category, subcategory, lang))
            )
    return Scenarios(
        total_categories=len(found),
        total_scenarios=sum(len(entries) for entries in found.values()),
        categories=found,
    )


@router.get("/scenarios/{scenario_id}", summary="One scenario", responses=responses(404))
async def scenario(
    release: CurrentRelease,
    scenario_id: Annotated[str, Path(max_length=200, examples=["withdrawals.status"])],
    lang: NamesIn,
) -> ScenarioDetail:
    """A scenario with its steps and the passages its answers quote."""
    catalogue = release.catalogue
    found = catalogue.find(scenario_id)
    if found is None or not catalogue.is_open(scenario_id):
        raise HTTPException(404, "expected the id of a scenario; GET /scenarios lists them")
    category, subcategory = found
    references = subcategory.public_references(lang or catalogue.default_language)
    return ScenarioDetail(
        **_view(catalogue, category, subcategory, lang),
        references=[
            Passage(
                id=r.id,
                document=r.document_id,
                section=r.section,
                place=r.place,
                locator=r.locator,
                quote=r.quote,
            )
            for r in references
        ],
    )


@router.post("/scenarios/reload", summary="Take up a changed catalogue", responses=responses(422))
async def reload(service: CurrentService) -> Reloaded:
    """Read the catalogue file again and swap it in; an unfit file is refused, the old one stays."""
    release, changed = await service.releases.reload()
    return Reloaded(
        changed=changed,
        catalogue_version=release.catalogue.content_hash[:12],
        scenarios_loaded=len(release.catalogue.open_scenarios()),
        warnings=list(release.warnings),
    )


def _holds(subcategory: Subcategory, words: list[str]) -> bool:
    if not words:
        return True
    texts = [
        subcategory.name,
        subcategory.description,
        *subcategory.examples,
        *(step.instruction for step in subcategory.public_steps()),
    ]
    everything = fold(" ".join([subcategory.id, *(part for t in texts for part in t.each())]))
    return all(word in everything for word in words)


def _view(
    catalogue: Catalogue, category: Category, subcategory: Subcategory, lang: str | None
) -> dict[str, object]:
    language = lang or catalogue.default_language
    return {
        "id": subcategory.id,
        "category_id": category.id,
        "category": category.name.to(language),
        "subcategory": subcategory.name.to(language),
        "description": subcategory.description.to(language),
        "related_subcategories": [
            catalogue[r.subcategory_id].name.to(language)
            for r in subcategory.related
            if catalogue.is_open(r.subcategory_id)
        ],
        "examples": [e.to(language) for e in subcategory.examples if e.speaks(language)],
        "steps": [
            StepView(
                id=s.id,
                type=s.type,
                requirement=s.requirement,
                instruction=s.instruction.to(language),
            )
            for s in subcategory.public_steps()
        ],
    }
