"""What routes receive: typed aliases over what the lifespan built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Query, Request

from api.settings import Settings
from graph.release import Release, Releases
from scenarios.lookup import known_language
from threads.erasure import Erasure
from threads.journal import Journal
from threads.run_log import MemoryRunLog
from threads.runner import ThreadRunner

ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"


@dataclass(frozen=True)
class Service:
    """Everything built once for one application."""

    settings: Settings
    releases: Releases
    runner: ThreadRunner
    run_log: MemoryRunLog
    journal: Journal
    erasure: Erasure


def _service(request: Request) -> Service:
    service = request.app.state.service
    assert isinstance(service, Service)
    return service


def _release(service: Annotated[Service, Depends(_service)]) -> Release:
    return service.releases.current


CurrentService = Annotated[Service, Depends(_service)]
CurrentRelease = Annotated[Release, Depends(_release)]
ThreadId = Annotated[
    str, Path(pattern=ID_PATTERN, description="The thread's id.", examples=["customer-42"])
]


def _names_in(
    release: CurrentRelease,
    lang: Annotated[
        str | None,
        Query(
            pattern="^[a-z]{2}$",
            description="Language of names; the catalogue's default when left out.",
            examples=["en"],
        ),
    ] = None,
) -> str | None:
    return known_language(release.catalogue, lang)


NamesIn = Annotated[str | None, Depends(_names_in)]
