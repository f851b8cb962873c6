"""CPU work off the event loop: a bounded pool that refuses instead of queueing without end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from rag.errors import Overloaded

T = TypeVar("T")


class Workers:
    """A thread pool of ``threads`` workers behind a queue of at most ``queue`` waiting calls."""

    def __init__(self, threads: int = 2, queue: int = 64, name: str = "ardoise") -> None:
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threading.BoundedSemaphore(threads + queue)

    async def run(self, call: Callable[[], T]) -> T:
        """Runs ``call`` in a worker thread and returns its result.

        A caller that is cancelled stops waiting; the thread finishes the call it has started.

        Raises:
            Overloaded: all workers are busy and the queue is full.
        """
        if not self._places.acquire(blocking=False):
            raise Overloaded("too many requests are being computed at once: try again shortly", 1.0)
        future = self._pool.submit(call)
        # In the worker's thread: the event loop is woken once a call, for its result.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Waits for the calls that have started and drops those that have not."""
        self._pool.shutdown(wait=True, cancel_futures=True)
