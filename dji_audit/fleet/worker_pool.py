"""A pool of worker processes for jobs over many items, such as files or flights.

A worker that crashes, hangs or runs out of memory loses only the item it works on: the pool
replaces the worker and the run goes on.  An unexpected error in a reader or a rule also
loses only its own item.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from dji_audit._os_errors import os_error_reason
from dji_audit.report.rows import INTERNAL_FAULT, TIME_LIMIT

#: Items after which a worker is replaced, so that no memory leak grows without limit.
_ITEMS_PER_WORKER = 200

Item = TypeVar("Item")
Shared = TypeVar("Shared")
Result = TypeVar("Result")


ItemOfRoom = TypeVar("ItemOfRoom", contravariant=True)


class RoomForItems(Protocol[ItemOfRoom]):
    """Counts what items hold while they wait or are worked on, such as copies of files."""

    def has_room(self) -> bool:
        """Return whether there is room for one more."""

    def release(self, item: ItemOfRoom, /) -> None:
        """Give up what an item holds: its result is there."""


class WorkAndFailureFunctions(Generic[Item, Shared, Result]):
    """The function that works on one item, and the one that returns the result of a failure."""

    def __init__(
        self, work: Callable[[Item, Shared], Result], failed: Callable[[Item, str], Result]
    ) -> None:
        """Join the two; workers import both by name.

        Args:
            work: Takes an item and what every worker needs to know.
            failed: Takes an item and the reason for the failure.
        """
        self.work = work
        self.failed = failed


class WorkerPool:
    """Worker processes, started when first needed and used until the run ends."""

    def __init__(self, jobs: int, timeout_s: float) -> None:
        """Set the size of the pool.

        Args:
            jobs: Worker processes; with one item, or one job, none is started.
            timeout_s: Seconds after which a worker is stopped and its item has failed.
        """
        self._jobs = jobs
        self._timeout_s = timeout_s
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        """Return the pool; no worker is started yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the workers; at once if the run was stopped."""
        if self._pool is None:
            return
        if error is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def results_of_each(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        items: Iterable[Item],
        shared: Shared,
        room: RoomForItems[Item] | None = None,
    ) -> Iterator[Result]:
        """Yield the result of each item, in the order given.

        Args:
            job: What is done with an item.
            items: Files, flights or the like; the next is asked for when there is room for it.
            shared: What every worker needs to know.
            room: Bounds what items hold that wait or are worked on; by default nothing does.
        """
        if self._jobs <= 1 or (isinstance(items, Sequence) and len(items) <= 1):
            for item in items:
                yield result_or_failure_result(job, item, shared)
                if room is not None:
                    room.release(item)
            return
        pool = self._start_pool(len(items) if isinstance(items, Sequence) else self._jobs)
        waiting: deque[tuple[Item, ProcessFuture[Result]]] = deque()
        for item in items:
            future = pool.schedule(
                result_or_failure_result, args=(job, item, shared), timeout=self._timeout_s
            )
            waiting.append((item, future))
            while waiting and (waiting[0][1].done() or (room is not None and not room.has_room())):
                yield self._first_result(job, waiting, room)
        while waiting:
            yield self._first_result(job, waiting, room)

    def _first_result(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        waiting: "deque[tuple[Item, ProcessFuture[Result]]]",
        room: RoomForItems[Item] | None,
    ) -> Result:
        item, future = waiting.popleft()
        result = self._result_or_failure(job, item, future)
        if room is not None:
            room.release(item)
        return result

    def _start_pool(self, items: int) -> ProcessPool:
        if self._pool is None:
            # Spawned, not forked: the same on every system, and no state is inherited.
            context = multiprocessing.get_context("spawn")
            workers = min(self._jobs, items)
            self._pool = ProcessPool(workers, max_tasks=_ITEMS_PER_WORKER, context=context)
        return self._pool

    def _result_or_failure(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        item: Item,
        future: "ProcessFuture[Result]",
    ) -> Result:
        try:
            return future.result()
        except FutureTimeoutError:
            return job.failed(item, f"stopped after {self._timeout_s:g} s, {TIME_LIMIT}")
        except ProcessExpired as error:
            code = error.exitcode
            return job.failed(item, f"the worker crashed (exit code {code}); {INTERNAL_FAULT}")
        except CancelledError:
            return job.failed(item, "cancelled")


def result_or_failure_result(
    job: WorkAndFailureFunctions[Item, Shared, Result], item: Item, shared: Shared
) -> Result:
    """Return the result of one item; an error in a reader or rule becomes a failed result.

    Errors do not cross the process boundary: one that cannot be unpickled would break the pool.
    """
    try:
        return job.work(item, shared)
    except MemoryError:
        return job.failed(item, "ran out of memory")
    except OSError as error:
        return job.failed(item, f"input or output error: {os_error_reason(error)}")
    except Exception as error:  # noqa: BLE001 - one bad file never stops a run
        return job.failed(item, f"{type(error).__name__}: {error}; {INTERNAL_FAULT}")
