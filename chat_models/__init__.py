"""LLM providers behind one port; a provider's module is imported when it is first used."""

from __future__ import annotations

from collections.abc import Callable

from chat_models.port import ChatModel, ChatSettings


def _openai_compatible(settings: ChatSettings) -> ChatModel:
    # Importing langchain-openai costs 0.3 s and 25 MB, which the embedded engine does not owe.
    from chat_models.openai_compatible import OpenAICompatible  # noqa: PLC0415

    return OpenAICompatible(settings)


CHAT_MODELS: dict[str, Callable[[ChatSettings], ChatModel]] = {
    "openai": _openai_compatible,
}
"""Provider name -> opener."""
