"""The composition root: builds everything once and hands it down.

`python api_server.py` and `uvicorn api_server:app` both serve.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import quote

import structlog
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from api import VERSION, catalogue, errors, event_log, health, sessions
from api.dependencies import Service
from api.limits import BodyLimit
from api.process import draining_on_sigterm, only_process, share_one_heap
from api.settings import Settings
from chat_models import CHAT_MODELS
from chat_models.port import ChatModel
from drafting.draft import Writer
from drafting.extractive import ExtractiveWriter
from drafting.llm import LlmWriter
from graph.builder import ConversationGraph, build_graph
from graph.checkpointers import Saver, open_checkpointer
from graph.nodes import Nodes
from graph.release import Releases
from protocols import PROTOCOLS
from routing.background import load_background
from routing.llm import LlmRouter
from routing.router import Router
from scenarios.catalogue import Catalogue
from scenarios.errors import CatalogueInvalid
from threads.erasure import Erasure
from threads.journal import Journal
from threads.lease import MemoryLeases
from threads.run_log import MemoryRunLog
from threads.runner import ThreadRunner

_log = structlog.get_logger()

DESCRIPTION = """
Routes customers' messages into the scenarios of a company's SOP catalogue and answers them from
the SOP, with references to the very passages used.
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application; `settings` from the environment when left out."""
    settings = settings or Settings()
    event_log.configure(settings.log_level)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with _service(settings) as service:
            app.state.service = service
            yield

    app = FastAPI(
        title="Customer-service scenario router",
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        responses=errors.responses(422),
    )
    errors.install(app)
    for router in (health.router, catalogue.router, sessions.router, *PROTOCOLS):
        app.include_router(router)
    app.add_middleware(BodyLimit)
    app.add_middleware(event_log.RequestLog)
    return app


@asynccontextmanager
async def _service(settings: Settings) -> AsyncIterator[Service]:
    share_one_heap()
    with only_process(settings.data_dir):
        async with _built(settings) as service:
            yield service


@asynccontextmanager
async def _built(settings: Settings) -> AsyncIterator[Service]:
    checkpoints = f"sqlite://{quote(str(settings.data_dir.resolve() / 'checkpoints.db'))}"
    async with open_checkpointer(checkpoints) as checkpointer:
        journal = Journal(settings.data_dir / "threads.db")
        interrupted = await journal.open()
        model = CHAT_MODELS["openai"](settings.chat_settings()) if settings.uses_llm else None
        try:
            releases = await asyncio.to_thread(_releases, settings, checkpointer, model)
        except (CatalogueInvalid, ValueError) as error:
            _log.error("cannot_start", reason=str(error))
            raise
        run_log, leases = MemoryRunLog(), MemoryLeases()
        runner = ThreadRunner(releases, journal, checkpointer, run_log, leases)
        erasure = Erasure(runner, journal, checkpointer, run_log, leases)
        watching = asyncio.create_task(releases.watch(settings.reload_interval))
        _log.info(
            "ready",
            scenarios=len(releases.current.catalogue.open_scenarios()),
            engine="llm" if settings.uses_llm else "embedded",
            interrupted_turns=interrupted,
        )
        drain = partial(runner.close, settings.shutdown_grace)
        try:
            with draining_on_sigterm(drain):
                yield Service(settings, releases, runner, run_log, journal, erasure)
        finally:
            watching.cancel()
            await drain()
            await journal.close()
            if model is not None:
                await model.aclose()


def _releases(settings: Settings, checkpointer: Saver, model: ChatModel | None) -> Releases:
    background = load_background(settings.off_topic_file)
    embedded = ExtractiveWriter()
    writer: Writer = LlmWriter(model, embedded) if model else embedded
    second_opinion = LlmRouter(model) if model else None

    def fit(catalogue: Catalogue, before: Router | None) -> Router:
        return Router.fit(
            catalogue,
            background=background,
            # Beside running turns, more threads only take time from each other.
            threads=1 if before else os.cpu_count() or 1,
            calibration=before.calibration_for(catalogue) if before else None,
        )

    def build(router: Router) -> ConversationGraph:
        return build_graph(Nodes(router, writer, second_opinion), checkpointer)

    return Releases(settings.scenarios_file, fit, build)


def __getattr__(name: str) -> FastAPI:
    """`app`, made when a server asks for it and not when a test imports `create_app`."""
    if name == "app":
        return create_app()
    raise AttributeError(name)


def main() -> int:
    """Serve on HOST and PORT; 2 with the reason in the log when that cannot begin."""
    event_log.configure("INFO")
    try:
        settings = Settings()
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        for path in (settings.scenarios_file, settings.off_topic_file):
            path.open().close()
        with only_process(settings.data_dir):
            pass
    except (ValidationError, OSError) as error:
        _log.error("cannot_start", reason=_reason(error))
        return 2
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # A client that never reads must not hold the process for ever.
        timeout_graceful_shutdown=math.ceil(settings.shutdown_grace) + 5,
    )
    return 0


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False)
        return "; ".join(f"{'.'.join(map(str, f['loc'])).upper()}: {f['msg']}" for f in faults)
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
