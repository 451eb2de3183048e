"""What can be wrong with a thread or a run.

ThreadsError
├── ThreadNotFound   no thread has this id
├── ThreadBusy       too many turns wait for this thread
└── RunNotFound      no run has this id, or its events are gone
"""


class ThreadsError(Exception):
    """Base of this room's errors."""


class ThreadNotFound(ThreadsError):
    """No thread has this id."""

    def __init__(self, thread_id: str) -> None:
        super().__init__(f"expected the id of a thread, got {thread_id!r}")


class ThreadBusy(ThreadsError):
    """Too many turns wait for this thread already."""

    def __init__(self, thread_id: str, waiting: int) -> None:
        super().__init__(f"{waiting} turns wait for thread {thread_id!r} already; try again later")


class RunNotFound(ThreadsError):
    """No run has this id, or its events are no longer kept."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"expected the id of a recent run, got {run_id!r}")
