"""The graph: its picture, its bounded state, its persistence."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from drafting.extractive import ExtractiveWriter
from graph.builder import build_graph
from graph.checkpointers import open_checkpointer
from graph.nodes import Nodes
from graph.picture import page
from graph.state import WINDOW, RouterState
from routing.router import Router
from scenarios.catalogue import Catalogue
from tests.conftest import ROOT


def test_the_picture_in_the_docs_is_the_graph(catalogue: Catalogue) -> None:
    assert (ROOT / "docs" / "graph.md").read_text("utf-8") == page(catalogue)


def test_every_category_has_a_node_and_every_path_ends(catalogue: Catalogue) -> None:
    graph = build_graph(Nodes(_router(catalogue), ExtractiveWriter(), None)).get_graph()

    nodes = set(graph.nodes) - {"__start__", "__end__"}
    assert {f"scenario_{c.id}" for c in catalogue.categories} < nodes
    assert {e.source for e in graph.edges if e.target == "__end__"} == nodes - {"classify"}


def test_the_state_stays_bounded_however_long_the_thread(
    catalogue: Catalogue, router: Router, tmp_path: Path
) -> None:
    async def sizes() -> list[int]:
        url = f"sqlite://{tmp_path / 'checkpoints.db'}"
        async with open_checkpointer(url) as saver:
            graph = build_graph(Nodes(router, ExtractiveWriter(), None), saver)
            found = []
            for n in range(30):
                query = f"提现多久到账 {n} " + "很急" * 400
                state = RouterState(query=query, preset=None, language="zh")
                config: Any = {"configurable": {"thread_id": "t"}}
                await graph.ainvoke(state, config, durability="exit")
                saved = await graph.aget_state(config)
                assert len(saved.values["messages"]) <= WINDOW
                found.append(len(repr(saved.values)))
            return found

    found = asyncio.run(sizes())

    assert max(found[5:]) <= 1.2 * found[4]


def test_a_url_no_checkpointer_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a checkpoint URL with one of memory, sqlite"):
        open_checkpointer("oracle://db")


def _router(catalogue: Catalogue) -> Router:
    first = [
        c.model_copy(update={"subcategories": c.subcategories[:1]}) for c in catalogue.categories
    ]
    return Router.fit(catalogue.model_copy(update={"categories": first}))
