"""The port every chat model fits: choose one of several labels, and stream a text."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class ChatSettings:
    """How to reach a provider. Times in seconds."""

    model: str
    api_key: str
    base_url: str | None = None
    structured_output: Literal["json_schema", "function_calling", "json_mode"] = "json_schema"
    connect_timeout: float = 3.0
    first_token_timeout: float = 15.0
    between_chunks_timeout: float = 10.0
    total_timeout: float = 60.0


@dataclass(frozen=True)
class ChatMessage:
    """One message of a prompt."""

    role: Literal["system", "user"]
    text: str


_DATA_MARK = re.compile(r"<\s*/?\s*data\s*/?\s*>", re.IGNORECASE)


def data_block(text: str) -> str:
    """`text` marked as data for a prompt; marks inside it are taken out, so it cannot end early."""
    return f"<data>\n{_DATA_MARK.sub(' ', text)}\n</data>"


class ChatFailed(Exception):
    """The provider gave no usable answer; `kind` says why in one word and holds no text of it."""

    def __init__(self, message: str, kind: str = "invalid_answer") -> None:
        super().__init__(message)
        self.kind = kind


class ChatModel(Protocol):
    """A chat model. Both calls raise ChatFailed, and nothing else, when the provider fails."""

    async def choose(self, messages: Sequence[ChatMessage], labels: Sequence[str]) -> str:
        """One of `labels`: the provider is held to an enum of them."""
        ...

    def stream(self, messages: Sequence[ChatMessage]) -> AsyncIterator[str]:
        """The answer, piece by piece."""
        ...

    async def aclose(self) -> None:
        """Close the connections to the provider."""
        ...
