"""What tests are given: the bundled catalogue, a running service, a scripted provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import Settings
from api_server import create_app
from routing.background import load_background
from routing.router import Router
from scenarios.catalogue import Catalogue
from scenarios.loading import load_catalogue
from tests.scripted_provider import ScriptedProvider, scripted_provider
from tests.serving import serving

ROOT = Path(__file__).resolve().parent.parent

UNSURE = "verification"
"""A query that several scenarios of the bundled catalogue fit."""

Serve = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The bundled catalogue."""
    return load_catalogue(ROOT / "data" / "catalogue.json")[0]


@pytest.fixture(scope="session")
def router(catalogue: Catalogue) -> Router:
    """The router as the service fits it."""
    return Router.fit(catalogue, background=load_background(ROOT / "data" / "off_topic.jsonl"))


def ask(
    client: httpx.Client, query: str, thread_id: str | None = None, **more: object
) -> dict[str, object]:
    """The answer to one message."""
    body = {"user_query": query, "thread_id": thread_id, **more}
    reply = client.post("/chat", json=body)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def _settings(**values: Any) -> Settings:
    return Settings(_env_file=None, log_level="ERROR", **values)


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a running service with the bundled catalogue and the embedded engine."""
    settings = _settings(data_dir=tmp_path_factory.mktemp("data"), engine="embedded")
    with serving(create_app(settings)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a service with settings of the test's own; each call gives a client of a new one."""
    with ExitStack() as stack:

        def start(**values: Any) -> httpx.Client:
            values.setdefault("data_dir", tmp_path / "data")
            values.setdefault("engine", "embedded")
            url = stack.enter_context(serving(create_app(_settings(**values))))
            return stack.enter_context(httpx.Client(base_url=url, timeout=30))

        yield start


@pytest.fixture(scope="session")
def running_provider() -> Iterator[ScriptedProvider]:
    """An OpenAI-compatible provider on a port."""
    with scripted_provider() as provider:
        yield provider


@pytest.fixture
def provider(running_provider: ScriptedProvider) -> ScriptedProvider:
    """The provider, doing as this test tells it."""
    running_provider.reset()
    return running_provider


@pytest.fixture(scope="session")
def llm_client(
    running_provider: ScriptedProvider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """A client of a running service whose LLM is the scripted provider."""
    settings = _settings(
        data_dir=tmp_path_factory.mktemp("llm"),
        engine="auto",
        openai_base_url=running_provider.base_url,
        llm_first_token_timeout=0.7,
        llm_between_chunks_timeout=0.7,
        keep_alive_interval=0.1,
    )
    with serving(create_app(settings)) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def small_catalogue(tmp_path: Path) -> Path:
    """A catalogue file of two scenarios, quick to fit, for tests that change it."""
    path = tmp_path / "catalogue.json"
    path.write_text(SMALL, "utf-8")
    return path


SMALL = """{"Orders": {"subcategories": [
  {"name": "Track an order", "description": "Where a parcel is.",
   "faq_samples": ["where is my parcel", "track my order"],
   "related_subcategories": ["Return an item"]},
  {"name": "Return an item", "description": "Sending something back.",
   "faq_samples": ["I want to return shoes", "how do returns work"]}]}}
"""
