"""Any OpenAI-compatible endpoint, through langchain-openai.

The SDK's own retries are off (they multiply its 600 s read timeout); the limits on connecting,
on the first token, between chunks and in total are ours.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx2
import openai
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from chat_models.port import ChatFailed, ChatMessage, ChatSettings

MAX_ANSWER = 20_000
"""Characters after which a stream is cut off: no answer to a customer is that long."""
THOUGHT = ("<think>", "</think>")


class OpenAICompatible:
    """A chat model behind `POST {base_url}/chat/completions`."""

    def __init__(self, settings: ChatSettings) -> None:
        self._settings = settings
        timeout = httpx2.Timeout(settings.total_timeout, connect=settings.connect_timeout)
        self._model = ChatOpenAI(
            model=settings.model,
            api_key=SecretStr(settings.api_key),
            base_url=settings.base_url,
            timeout=timeout,
            max_retries=0,
            temperature=0,
            stream_usage=True,
        )

    async def aclose(self) -> None:
        """Close the connections to the provider."""
        await self._model.root_async_client.close()

    async def choose(self, messages: Sequence[ChatMessage], labels: Sequence[str]) -> str:
        """One of `labels`; ChatFailed when the provider answers anything else."""
        schema = {
            "title": "route",
            "description": "The scenario the customer's message belongs to.",
            "type": "object",
            "properties": {"scenario": {"type": "string", "enum": list(labels)}},
            "required": ["scenario"],
            "additionalProperties": False,
        }
        method = self._settings.structured_output
        options: dict[str, Any] = {} if method == "json_mode" else {"strict": True}
        structured = self._model.with_structured_output(
            schema, method=method, include_raw=True, **options
        )
        try:
            async with asyncio.timeout(self._settings.first_token_timeout):
                answer = await structured.ainvoke(_prompt(messages))
        except Exception as error:
            raise _failure(error) from error
        label = _label(answer)
        if not isinstance(label, str) or label not in labels:
            raise ChatFailed(f"expected one of {len(labels)} labels, got {label!r:.60}")
        return label

    async def stream(self, messages: Sequence[ChatMessage]) -> AsyncIterator[str]:
        """The answer's text as it comes, without what a model thought aloud before it."""
        settings = self._settings
        length = 0
        reason: str | None = None
        chunks = self._model.astream(_prompt(messages))
        thoughts = _Thoughts()
        try:
            async with asyncio.timeout(settings.total_timeout):
                limit = settings.first_token_timeout
                while reason is None:
                    async with asyncio.timeout(limit):
                        chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    reason = chunk.response_metadata.get("finish_reason")
                    if chunk.text:
                        limit = settings.between_chunks_timeout
                        length += len(chunk.text)
                        if length > MAX_ANSWER:
                            raise ChatFailed("the answer does not end", "endless")
                    text = thoughts.skip(_clean(str(chunk.text)))
                    if text:
                        yield text
        except ChatFailed:
            raise
        except Exception as error:
            raise _failure(error) from error
        finally:
            aclose = getattr(chunks, "aclose", None)
            if aclose is not None:
                await aclose()
        if reason != "stop":
            raise ChatFailed(f"the answer ended with {reason!r}, not whole", "cut_off")


class _Thoughts:
    """Leaves out a `<think>` block at the beginning of an answer."""

    def __init__(self) -> None:
        self._held: str | None = ""
        """What came so far, until it is clear that no block is open; None from then on."""

    def skip(self, text: str) -> str:
        if self._held is None:
            return text
        self._held += text
        begun = self._held.lstrip()
        if begun.startswith(THOUGHT[0]):
            _, closed, rest = begun.partition(THOUGHT[1])
            if not closed:
                return ""
            self._held = None
            return rest.lstrip()
        if THOUGHT[0].startswith(begun):
            return ""
        self._held = None
        return begun


def _clean(text: str) -> str:
    """Text that can be stored and sent: no NUL, no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _prompt(messages: Sequence[ChatMessage]) -> list[BaseMessage]:
    kinds = {"system": SystemMessage, "user": HumanMessage}
    return [kinds[message.role](content=message.text) for message in messages]


def _label(answer: Any) -> object:
    """The label in a structured answer; also where an endpoint answered JSON as plain text."""
    parsed = answer["parsed"]
    if parsed is None:
        try:
            parsed = json.loads(str(answer["raw"].text))
        except ValueError:
            return None
    return parsed.get("scenario") if isinstance(parsed, dict) else None


def _failure(error: Exception) -> ChatFailed:
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (TimeoutError, "timeout"),
        (openai.APITimeoutError, "timeout"),
        (openai.APIConnectionError, "unreachable"),
        (openai.RateLimitError, "rate_limited"),
        (openai.AuthenticationError, "unauthorised"),
        (openai.APIStatusError, "refused"),
        (httpx2.HTTPError, "connection_lost"),
    )
    kind = next((name for kind, name in kinds if isinstance(error, kind)), "invalid_answer")
    return ChatFailed(f"{type(error).__name__} from the provider", kind)
