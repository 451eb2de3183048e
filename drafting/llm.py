"""The LLM writer: a draft over numbered passages, streamed; the embedded writer stands in."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import structlog

from chat_models.port import ChatFailed, ChatMessage, ChatModel, data_block
from drafting.citations import CitationReader
from drafting.draft import Draft, Emit, Piece, Retraction, Turn, Writer
from scenarios.catalogue import Reference, Step
from scenarios.passages import Pool, telling_terms

PROMPT_BUDGET = 6000
"""Characters of one drafting prompt; with classification's as much again, a turn's limit of 12k."""
MAX_QUERY = 1500
MAX_HISTORY = 800
MAX_CONTEXT = 600
LANGUAGES = {"zh": "Chinese (Simplified)", "en": "English"}
AGENT_WORDS = {"zh": "转人工", "en": "agent"}

_PROMPTS = files("drafting") / "prompts"
_log = structlog.get_logger()


class LlmWriter:
    """Drafts with a chat model; when that fails, `stand_in` answers and the draft is degraded."""

    def __init__(self, model: ChatModel, stand_in: Writer) -> None:
        self._model = model
        self._stand_in = stand_in
        self._answer = (_PROMPTS / "answer.md").read_text("utf-8")
        self._question = (_PROMPTS / "question.md").read_text("utf-8")

    async def draft(self, turn: Turn, emit: Emit) -> Draft:
        """The model's answer, its citations checked; never raises for a provider's failure."""
        shown = False
        try:
            sources, messages = self._messages(turn)
            reader = CitationReader(len(sources))
            pieces: list[str] = []
            async for text in self._model.stream(messages):
                visible = reader.feed(text)
                if visible:
                    shown = True
                    pieces.append(visible)
                    emit(Piece(visible))
            rest = reader.close().rstrip()
            if rest:
                pieces.append(rest)
                emit(Piece(rest))
            answer = "".join(pieces)
            if not any(character.isalpha() for character in answer):
                raise ChatFailed("expected a text, the model gave none")
        except ChatFailed as failure:
            _log.warning("draft_degraded", reason=failure.kind)
            if shown:
                emit(Retraction())
            return replace(await self._stand_in.draft(turn, emit), degraded=True)
        if reader.unknown:
            _log.info("citations_dropped", numbers=reader.unknown)
        used = [sources[number - 1] for number in reader.cited]
        cited = [r for source in used for r in source.references]
        return Draft(
            answer,
            tuple(dict.fromkeys(cited)) or turn.scenario.whole_documents(),
            tuple(s.id for s in turn.scenario.steps if s.id in {u.step_id for u in used}),
            engine="llm",
        )

    def _messages(self, turn: Turn) -> tuple[list[_Source], list[ChatMessage]]:
        language = turn.scenario.language_for(turn.language)
        question = self._question.format(
            context=data_block(_clip(json.dumps(turn.context, ensure_ascii=False), MAX_CONTEXT)),
            history=data_block(
                _last("\n".join(f"{m.role}: {m.text}" for m in turn.history), MAX_HISTORY)
            ),
            query=data_block(_clip(turn.query, MAX_QUERY)),
        )
        prohibitions = "\n".join(f"- {p.to(language)}" for p in turn.scenario.prohibitions)
        head = {
            "language": LANGUAGES.get(turn.language, turn.language),
            "agent_word": AGENT_WORDS.get(turn.language, "agent"),
            "scenario": turn.scenario.name.to(language),
            "prohibitions": _clip(prohibitions, 600) or "- none",
        }
        room = (
            PROMPT_BUDGET
            - len(question)
            - len(self._answer.format(**head, passages=data_block("")))
        )
        sources: list[_Source] = []
        for source in _sources(turn):
            line = len(f"[{len(sources) + 1}] {source.text}\n")
            if line > room:
                break
            room -= line
            sources.append(source)
        passages = "\n".join(f"[{n}] {source.text}" for n, source in enumerate(sources, 1))
        return sources, [
            ChatMessage("system", self._answer.format(**head, passages=data_block(passages))),
            ChatMessage("user", question),
        ]


class _Source:
    """One numbered passage: a step with its references, or a fact."""

    def __init__(self, text: str, references: tuple[Reference, ...], step_id: str | None) -> None:
        self.text = text.replace("\n", " ")
        self.references = references
        self.step_id = step_id


def _sources(turn: Turn) -> list[_Source]:
    """The scenario's public passages, the most relevant first."""
    scenario, language = turn.scenario, turn.scenario.language_for(turn.language)
    references = {r.id: r for r in scenario.public_references(language) if r.quote}
    sources = [_Source(fact.quote, (fact,), None) for fact in scenario.facts(language)]
    sources += [
        _Source(
            _numbered(step, language),
            tuple(references[r] for r in step.reference_ids if r in references),
            step.id,
        )
        for step in scenario.public_steps()
    ]
    if not sources and scenario.description:
        sources = [_Source(scenario.description.to(language), (), None)]
    pool = Pool([source.text for source in sources])
    asked = telling_terms(turn.query[:MAX_QUERY])
    scores = [pool.relevance(asked, source.text) for source in sources]
    order = sorted(range(len(sources)), key=lambda n: (-scores[n], n))
    return [sources[n] for n in order]


def _numbered(step: Step, language: str) -> str:
    return f"(step {step.id}) {step.instruction.to(language)}"


def _clip(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _last(text: str, most: int) -> str:
    return text if len(text) <= most else "…" + text[-most + 1 :]
