"""Delete that deletes: the running turn, the journal, the checkpoints and the run log."""

from __future__ import annotations

from dataclasses import dataclass

from graph.checkpointers import Saver
from threads.journal import Journal
from threads.lease import MemoryLeases
from threads.run_log import MemoryRunLog
from threads.runner import ThreadRunner


@dataclass(frozen=True)
class Receipt:
    """What a deletion deleted."""

    thread_id: str
    turns: int


class Erasure:
    """Deletes threads."""

    def __init__(
        self,
        runner: ThreadRunner,
        journal: Journal,
        checkpointer: Saver,
        run_log: MemoryRunLog,
        leases: MemoryLeases,
    ) -> None:
        self._runner = runner
        self._journal = journal
        self._checkpointer = checkpointer
        self._run_log = run_log
        self._leases = leases

    async def erase(self, thread_id: str) -> Receipt:
        """Delete a thread everywhere.

        The run is stopped first and the lease held throughout: a turn still writing would bring
        the thread back (langchain-ai/langgraph#7206).

        Raises:
            ThreadNotFound: no thread has this id; nothing is changed.
            ThreadBusy: too many turns wait for this thread.
        """
        await self._journal.thread(thread_id)
        await self._runner.stop_thread(thread_id)
        self._leases.reserve(thread_id)
        try:
            async with self._leases.hold(thread_id):
                turns = await self._journal.erase(thread_id)
                await self._checkpointer.adelete_thread(thread_id)
                self._run_log.erase_thread(thread_id)
        finally:
            self._leases.release(thread_id)
        return Receipt(thread_id, turns)
