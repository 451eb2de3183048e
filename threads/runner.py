"""One turn = one task. The only place that reads LangGraph's stream.

    run_id = await runner.start(TurnRequest(query="...", thread_id="t1"))
    async for number, event in run_log.read(run_id): ...

The task belongs to the runner, not to the request: a reader that goes away aborts nothing.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

import structlog

from graph.builder import RECURSION_LIMIT
from graph.checkpointers import Saver
from graph.release import Release, Releases
from graph.state import Route, RouterState, TurnContext
from routing.decision import Verdict
from scenarios.catalogue import Text
from scenarios.terms import spoken_language
from threads.events import (
    Answered,
    CitedReference,
    Classified,
    Option,
    RunFailed,
    RunStarted,
    TextDelta,
    TextReset,
    TurnResult,
)
from threads.journal import Journal
from threads.lease import MemoryLeases
from threads.run_log import MemoryRunLog

_log = structlog.get_logger()


@dataclass(frozen=True)
class TurnRequest:
    """One message of a customer."""

    query: str
    thread_id: str | None = None
    """None begins a new thread."""
    preset: tuple[str, ...] | None = None
    """Subcategory ids the answer is limited to; one settles the route."""
    names_in: str | None = None
    """Language of the category and subcategory names; None for the catalogue's default."""
    context: dict[str, Any] = field(default_factory=dict)


class ThreadRunner:
    """Runs turns, each in a task of its own, one at a time for each thread."""

    def __init__(
        self,
        releases: Releases,
        journal: Journal,
        checkpointer: Saver,
        run_log: MemoryRunLog,
        leases: MemoryLeases,
    ) -> None:
        self._releases = releases
        self._journal = journal
        self._checkpointer = checkpointer
        self._run_log = run_log
        self._leases = leases
        self._tasks: dict[asyncio.Task[None], tuple[str, str]] = {}
        """Task -> thread id and run id."""

    async def start(self, request: TurnRequest) -> str:
        """Accept a turn, durably, and begin to run it; the run's id.

        Raises:
            ThreadBusy: too many turns wait for this thread.
        """
        # Taken before anything is awaited: the request was resolved against this release.
        release = self._releases.current
        thread_id = request.thread_id or uuid.uuid4().hex
        run_id = uuid.uuid4().hex
        self._leases.reserve(thread_id)
        try:
            self._run_log.begin(run_id, thread_id)
            await self._journal.accept(thread_id, run_id, request.query)
        except BaseException:
            self._run_log.drop(run_id)
            self._leases.release(thread_id)
            raise
        self._run_log.append(run_id, RunStarted(run_id, thread_id))
        run = self._run(release, request, thread_id, run_id)
        task = asyncio.create_task(run, name=f"run {run_id}")
        self._tasks[task] = (thread_id, run_id)
        task.add_done_callback(self._ended)
        return run_id

    def _ended(self, task: asyncio.Task[None]) -> None:
        thread_id, _ = self._tasks.pop(task)
        self._leases.release(thread_id)

    async def result(self, run_id: str) -> Answered | RunFailed:
        """The end of a run, waited for."""
        last: Answered | RunFailed | None = None
        async for _, event in self._run_log.read(run_id):
            if isinstance(event, Answered | RunFailed):
                last = event
        assert last is not None, "a run log ends in a terminal event"
        return last

    async def stop_thread(self, thread_id: str) -> None:
        """Cancel the turns of a thread and wait until they have stopped."""
        await self._stop([task for task, (owner, _) in self._tasks.items() if owner == thread_id])

    async def close(self, grace: float) -> None:
        """Let running turns end for `grace` seconds, then stop them; every stream gets its end."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=grace)
        await self._stop(list(self._tasks))

    async def _stop(self, tasks: list[asyncio.Task[None]]) -> None:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _run(
        self, release: Release, request: TurnRequest, thread_id: str, run_id: str
    ) -> None:
        try:
            async with self._leases.hold(thread_id):
                if not await self._journal.is_accepted(run_id):
                    self._deleted(run_id)
                    return
                result = await self._turn(release, request, thread_id, run_id)
                if not await self._journal.finish(result):
                    # Deleted meanwhile: what the turn wrote must go too, before anyone else may.
                    await self._checkpointer.adelete_thread(thread_id)
                    self._deleted(run_id)
                    return
                self._run_log.append(run_id, Answered(result))
                _log.info(
                    "turn_answered",
                    run_id=run_id,
                    action=result.action,
                    subcategory_id=result.subcategory_id,
                    confidence=result.confidence,
                    engine=result.engine,
                    degraded=result.degraded,
                )
        except asyncio.CancelledError:
            await self._failed(run_id, "interrupted", "The turn was stopped before its end.")
            raise
        except Exception:
            _log.exception("turn_failed", run_id=run_id)
            await self._failed(run_id, "internal_error", "The turn could not be answered.")

    def _deleted(self, run_id: str) -> None:
        self._run_log.append(run_id, RunFailed("thread_deleted", "This thread was deleted."))

    async def _failed(self, run_id: str, code: str, message: str) -> None:
        status = "interrupted" if code == "interrupted" else "failed"
        try:
            await asyncio.shield(self._journal.fail(run_id, status))
        finally:
            self._run_log.append(run_id, RunFailed(code, message))

    async def _turn(
        self, release: Release, request: TurnRequest, thread_id: str, run_id: str
    ) -> TurnResult:
        view = _View(release, request, thread_id, run_id)
        state = RouterState(
            query=request.query, preset=list(request.preset) if request.preset else None
        )
        language = spoken_language(request.query)
        if language is not None:  # else the thread's language stays
            state["language"] = language
        final: Any = {}
        part: Any
        async for mode, part in release.graph.astream(
            state,
            # Only the id: scalars put into the configuration are written into checkpoints.
            {"configurable": {"thread_id": thread_id}, "recursion_limit": RECURSION_LIMIT},
            context=TurnContext(request.context),
            stream_mode=["custom", "values"],
            durability="exit",
        ):
            if mode == "values":
                final = part
            elif "route" in part:
                self._run_log.append(run_id, view.classified(part["route"]))
            elif "retracted" in part:
                self._run_log.append(run_id, TextReset())
            else:
                self._run_log.append(run_id, TextDelta(part["piece"]))
        return view.result(final)


class _View:
    """A turn's events as a client sees them: ids resolved to names and quotes."""

    def __init__(self, release: Release, request: TurnRequest, thread_id: str, run_id: str) -> None:
        self._release = release
        self._thread_id = thread_id
        self._run_id = run_id
        self._names_in = request.names_in or release.catalogue.default_language

    def _name(self, text: Text) -> str:
        return text.to(self._names_in)

    def _names(self, route: Route) -> tuple[str, str, str | None, str]:
        """Category id and name, subcategory id and name; the fallback's where there is none."""
        catalogue = self._release.catalogue
        settled = (Verdict.ACCEPT, Verdict.CLARIFY)
        subcategory_id = route["subcategory_id"]
        if route["verdict"] not in settled or subcategory_id is None:
            name = self._name(catalogue.fallback.name)
            return catalogue.fallback.id, name, None, name
        category = catalogue.category_of(subcategory_id)
        name = self._name(catalogue[subcategory_id].name)
        return category.id, self._name(category.name), subcategory_id, name

    def classified(self, route: Route) -> Classified:
        """The route, before the first word."""
        return Classified(*self._names(route), route["confidence"])

    def result(self, state: RouterState) -> TurnResult:
        """The whole result of the turn that led to `state`."""
        route, outcome = state["route"], state["outcome"]
        catalogue = self._release.catalogue
        category_id, category, subcategory_id, subcategory = self._names(route)
        language = state["language"]
        if subcategory_id is not None and outcome["action"] == "answered":
            language = catalogue[subcategory_id].language_for(language)
        cited = self._cited(subcategory_id, outcome["reference_ids"])
        related = catalogue[subcategory_id].related if subcategory_id else []
        related = [r for r in related if catalogue.is_open(r.subcategory_id)]
        return TurnResult(
            run_id=self._run_id,
            thread_id=self._thread_id,
            response=outcome["text"],
            action=outcome["action"],
            language=language,
            category_id=category_id,
            category=category,
            subcategory_id=subcategory_id,
            subcategory=subcategory,
            confidence=route["confidence"],
            calibrated=route["calibrated"],
            related_subcategories=tuple(
                self._name(catalogue[r.subcategory_id].name) for r in related
            ),
            sop_references=tuple(dict.fromkeys(reference.place for reference in cited)),
            references=cited,
            steps=tuple(outcome["step_ids"]),
            options=tuple(
                Option(
                    option,
                    self._name(catalogue.category_of(option).name),
                    self._name(catalogue[option].name),
                )
                for option in (route["options"] if outcome["action"] == "clarify" else [])
            ),
            engine=outcome["engine"],
            degraded=outcome["degraded"],
            reason_category=outcome["reason_category"],
            catalogue_version=catalogue.content_hash[:12],
        )

    def _cited(
        self, subcategory_id: str | None, reference_ids: list[str]
    ) -> tuple[CitedReference, ...]:
        if subcategory_id is None:
            return ()
        known = {r.id: r for r in self._release.catalogue[subcategory_id].references}
        return tuple(
            CitedReference(r.id, r.title, r.document_id, r.section, r.place, r.quote)
            for r in (known[reference_id] for reference_id in reference_ids)
        )
