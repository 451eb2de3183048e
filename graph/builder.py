"""Every node and edge of the conversation.

    START -> classify -> (small_talk | clarify | fallback | hand_off | a scenario node) -> END

There is a scenario node for each category; `python -m graph` prints the picture.
"""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.nodes import Nodes
from graph.state import RouterState, TurnContext
from routing.decision import Verdict

RECURSION_LIMIT = 10
"""A turn passes two nodes; LangGraph's own limit of 10007 would let a loop run for hours."""

_BY_VERDICT = {
    Verdict.CLARIFY: "clarify",
    Verdict.SMALL_TALK: "small_talk",
    Verdict.OUT_OF_SCOPE: "fallback",
    Verdict.UNCLEAR: "fallback",
    Verdict.HUMAN_WANTED: "hand_off",
}

ConversationGraph = CompiledStateGraph[RouterState, TurnContext, RouterState, RouterState]


def build_graph(
    nodes: Nodes, checkpointer: BaseCheckpointSaver[Any] | None = None
) -> ConversationGraph:
    """The compiled conversation over `nodes`; threads persist when there is a checkpointer."""
    graph = StateGraph(RouterState, context_schema=TurnContext)
    graph.add_node("classify", nodes.classify)
    graph.add_node("small_talk", nodes.small_talk)
    graph.add_node("clarify", nodes.clarify)
    graph.add_node("fallback", nodes.fallback)
    graph.add_node("hand_off", nodes.hand_off)
    scenario_nodes = {c.id: scenario_node(c.id) for c in nodes.catalogue.categories}
    for name in scenario_nodes.values():
        graph.add_node(name, nodes.answer)

    def after_classify(state: RouterState) -> str:
        route = state["route"]
        if route["verdict"] != Verdict.ACCEPT:
            return _BY_VERDICT[Verdict(route["verdict"])]
        return scenario_nodes[nodes.catalogue.category_of(str(route["subcategory_id"])).id]

    graph.add_edge(START, "classify")
    ends = [*dict.fromkeys(_BY_VERDICT.values()), *scenario_nodes.values()]
    graph.add_conditional_edges("classify", after_classify, ends)
    for name in ends:
        graph.add_edge(name, END)
    return graph.compile(checkpointer=checkpointer)


def scenario_node(category_id: str) -> str:
    """The name of a category's node; the prefix keeps it apart from the fixed nodes."""
    return f"scenario_{category_id}"
