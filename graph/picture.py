"""The picture of the graph, drawn from the compiled graph itself."""

from __future__ import annotations

from drafting.extractive import ExtractiveWriter
from graph.builder import build_graph
from graph.nodes import Nodes
from routing.router import Router
from scenarios.catalogue import Catalogue


def page(catalogue: Catalogue) -> str:
    """A Markdown page with the Mermaid picture of the graph over `catalogue`."""
    bare = catalogue.model_copy(
        update={
            "categories": [
                c.model_copy(update={"subcategories": c.subcategories[:1]})
                for c in catalogue.categories
            ]
        }
    )
    graph = build_graph(Nodes(Router.fit(bare), ExtractiveWriter(), None))
    picture = graph.get_graph().draw_mermaid(with_styles=False)
    return (
        "# The conversation graph\n\n"
        "Drawn by `python -m graph > docs/graph.md`; a test holds it to the code.\n\n"
        f"```mermaid\n{picture.strip()}\n```\n"
    )
