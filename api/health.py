"""`GET /` and `GET /health`."""

from __future__ import annotations

import platform
from importlib.metadata import version

from fastapi import APIRouter
from pydantic import BaseModel, Field

from api import VERSION
from api.dependencies import CurrentService

router = APIRouter(tags=["service"])


class Root(BaseModel):
    """What this is and where to go on."""

    name: str = Field(examples=["Customer-service scenario router"])
    version: str = Field(examples=[VERSION])
    docs: str = Field(examples=["/docs"])
    health: str = Field(examples=["/health"])
    scenarios: str = Field(examples=["/scenarios"])
    chat: str = Field(examples=["/chat"])


class Health(BaseModel):
    """Whether the service can answer, and with what."""

    status: str = Field(examples=["ok"])
    scenarios_loaded: int = Field(description="Scenarios customers can reach.", examples=[54])
    total_categories: int = Field(examples=[13])
    engine: str = Field(description="`embedded` or `llm`.", examples=["embedded"])
    languages: list[str] = Field(examples=[["zh", "en"]])
    catalogue_version: str = Field(examples=["6d1f8a0c52be"])
    versions: dict[str, str] = Field(examples=[{"service": VERSION, "langgraph": "1.2.22"}])


@router.get("/", summary="What this service is")
async def root() -> Root:
    """Name, version and where to go on."""
    return Root(
        name="Customer-service scenario router",
        version=VERSION,
        docs="/docs",
        health="/health",
        scenarios="/scenarios",
        chat="/chat",
    )


@router.get("/health", summary="Whether the service can answer")
async def health(service: CurrentService) -> Health:
    """Reads the journal, so a database that cannot be reached is no `ok`."""
    await service.journal.threads(limit=1, offset=0)
    catalogue = service.releases.current.catalogue
    return Health(
        status="ok",
        scenarios_loaded=len(catalogue.open_scenarios()),
        total_categories=len(catalogue.open_categories()),
        engine="llm" if service.settings.uses_llm else "embedded",
        languages=catalogue.languages() or [catalogue.default_language],
        catalogue_version=catalogue.content_hash[:12],
        versions={
            "service": VERSION,
            "python": platform.python_version(),
            **{name: version(name) for name in ("langgraph", "langchain-openai", "fastapi")},
        },
    )
