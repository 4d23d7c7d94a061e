"""A pool of worker processes for jobs over many items, such as files or flights.

A worker that crashes, hangs or runs out of memory loses only the item it works on: the pool
replaces the worker and the run goes on.  An unexpected error in a reader or a rule also
loses only its own item.  A pool that breaks as a whole, such as one whose workers cannot start,
is started again, and its items are done again.
"""

import errno
import multiprocessing
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures import wait as wait_for_futures
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool
from pebble.pool.process import WORKERS_NAME

from dji_audit.common.os_errors import os_error_reason
from dji_audit.common.prepare_worker_process import limit_worker_memory_and_lifetime
from dji_audit.common.send_worker_results import (
    SentWorkerResult,
    pickle_for_parent,
    unpickle_from_worker,
)
from dji_audit.fleet.output_folder import OutputError
from dji_audit.report.quarantine import QuarantineCause, cause_of_os_error
from dji_audit.report.rows import INTERNAL_FAULT, TIME_LIMIT

#: Items after which a worker is replaced, so that no memory leak grows without limit.
_ITEMS_PER_WORKER = 1000
#: Items that wait for workers or for the first of them: more would only take memory.
_MAX_WAITING = 400
#: Seconds between two looks at the workers, and for how long none of them may do anything: they
#: start within that time on a slow computer.
_CHECK_S, _STUCK_S = 2.0, 40.0
#: Times as long that they get at most after pools in which none of them did anything.
_MOST_PATIENCE = 8
#: Seconds until a pool that was stopped has ended.
_END_S = 30.0
#: How often a pool that broke is started again before it did anything, and seconds before each
#: time.
_MAX_RESTARTS, _RESTART_PAUSE_S = 60, 0.5
#: Memory of its own that a worker may take: no log of a flight needs so much.
MEMORY_BYTES = 3 << 30


#: Errors that no item is to blame for: there is no room for results.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: How a worker ends that somebody else ended, such as a computer that runs out of memory, and one
#: that cannot speak to the pool any more, since another was ended while it spoke: its item is done
#: again, so often.
_ENDED_FROM_OUTSIDE, MAX_TIMES_AGAIN = (-signal.SIGTERM, -9, 1, errno.EPIPE), 2
#: How one ends that reads a file which became shorter, or lies on a disk that fails.
_FILE_IS_GONE = -getattr(signal, "SIGBUS", 0) or None


class WorkerPoolError(RuntimeError):
    """No worker process can be kept running; the message says why."""


Item = TypeVar("Item")
Shared = TypeVar("Shared")
Result = TypeVar("Result")


ItemOfRoom = TypeVar("ItemOfRoom", contravariant=True)


class ItemCapacity(Protocol[ItemOfRoom]):
    """Counts what items hold while they wait or are worked on, such as copies of files."""

    def has_room(self) -> bool:
        """Return whether there is room for one more."""

    def release(self, item: ItemOfRoom, /) -> None:
        """Give up what an item holds: its result is there."""


@dataclass(frozen=True, slots=True)
class ItemFailure:
    """Why there is no result of an item."""

    cause: QuarantineCause
    reason: str


@dataclass(frozen=True, slots=True)
class DiskFullResult:
    """Comes back from a worker that cannot write what it found out."""

    reason: str


class WorkAndFailureFunctions(Generic[Item, Shared, Result]):
    """The function that works on one item, and the one that returns the result of a failure."""

    def __init__(
        self,
        work: Callable[[Item, Shared], Result],
        failed: Callable[[Item, ItemFailure], Result],
        *,
        has_deadline: bool = True,
    ) -> None:
        """Join the two; workers import both by name.

        Args:
            work: Takes an item and what every worker needs to know.
            failed: Takes an item and what went wrong with it.
            has_deadline: Whether an item is stopped that takes too long; one that grows with the
                run is not.
        """
        self.work = work
        self.failed = failed
        self.has_deadline = has_deadline


class WorkerPool:
    """Worker processes, started when first needed and used until the run ends."""

    def __init__(
        self,
        jobs: int,
        timeout_s: float,
        memory_bytes: int = MEMORY_BYTES,
        results_folder: Path | None = None,
    ) -> None:
        """Set the size of the pool.

        Args:
            jobs: Worker processes; 0: everything is done in this process, where nothing stops an
                item that hangs, crashes or takes all memory.
            timeout_s: Seconds after which a worker is stopped and its item has failed.
            memory_bytes: Memory that a worker may take of its own.
            results_folder: Private to the run: where large results lie until they are asked for;
                ``None``: they go through the pipe of the workers, as small ones do.
        """
        self._jobs = jobs
        self._results_folder = results_folder
        #: Fewer than jobs where there is less to do.
        self._workers = jobs
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._pool: ProcessPool | None = None
        self._restarts_left = _MAX_RESTARTS
        #: How often in a row no worker took anything up: each time they get longer to start.
        self._times_stuck = 0
        self._is_each_result_kept = False
        #: What the workers have, or are done with while it waits for its turn.
        self._futures: set[ProcessFuture[Any]] = set()

    def finish_running_items_when_interrupted(self) -> None:
        """Let workers end what they are at when the run is interrupted: each result is kept."""
        self._is_each_result_kept = True

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
        try:
            if isinstance(error, KeyboardInterrupt) and self._is_each_result_kept:
                self._finish_running_items()
        finally:
            self._end_pool(at_once=error is not None)

    def _finish_running_items(self) -> None:
        """Wait for the items that workers are at; whoever interrupts again does not wait."""
        if self._pool is None:
            return
        running = [future for future in self._futures if future.running()]
        for future in self._futures:
            if not (future.running() or future.done()):
                future.cancel()  # type: ignore[no-untyped-call]
        wait_for_futures(running)

    def results_of_each(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        items: Iterable[Item],
        shared: Shared,
        room: ItemCapacity[Item] | None = None,
    ) -> Iterator[Result]:
        """Yield the result of each item, in the order given.

        Args:
            job: What is done with an item.
            items: Files, flights or the like; the next is asked for when there is room for it.
            shared: What every worker needs to know.
            room: Bounds what items hold that wait or are worked on; by default nothing does.
        """
        if not self._jobs:
            for item in items:
                outcome = work_on_item_catching_errors(job, item, shared)
                yield result_unless_disk_full(outcome)
                if room is not None:
                    room.release(item)
            return
        if self._pool is None or not isinstance(items, Sequence):
            self._provide_workers_for(items)
        waiting: deque[_WaitingItem[Item, Result]] = deque()
        for item in items:
            waiting.append(_WaitingItem(item))
            self._schedule_waiting_items(job, waiting, shared)
            while waiting and (
                waiting[0].is_done()
                or len(waiting) > _MAX_WAITING
                or (room is not None and not room.has_room())
            ):
                yield self._result_of_next_in_order(job, waiting, shared, room)
        while waiting:
            yield self._result_of_next_in_order(job, waiting, shared, room)

    def replace_workers(self) -> None:
        """Let the next items go to new workers, which have the memory of no item before them."""
        self._end_pool(at_once=False)

    def _provide_workers_for(self, items: Iterable[object]) -> None:
        """Start no more workers than there are items; many items get as many as there may be."""
        wanted = max(1, min(self._jobs, len(items))) if isinstance(items, Sequence) else self._jobs
        if wanted > self._workers:
            # Those that were started for fewer items go.
            self.replace_workers()
        if self._pool is None:
            self._workers = wanted

    def _schedule_waiting_items(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        waiting: "deque[_WaitingItem[Item, Result]]",
        shared: Shared,
    ) -> None:
        """Give the workers every item that they do not have yet."""
        while any(each.future is None for each in waiting):
            try:
                for each in waiting:
                    if each.future is None:
                        each.future = self._running_pool().schedule(
                            _WORK_ON_ITEM,
                            args=(job, each.item, shared, self._results_folder),
                            timeout=self._timeout_s if job.has_deadline else None,
                        )
                        self._futures.add(each.future)
            except RuntimeError as error:
                # The pool broke since the last item: what it had is given to the next one.
                self._restart_broken_pool(waiting, error)

    def _result_of_next_in_order(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        waiting: "deque[_WaitingItem[Item, Result]]",
        shared: Shared,
        room: ItemCapacity[Item] | None,
    ) -> Result:
        while True:
            first = waiting[0]
            if first.future is None:
                self._schedule_waiting_items(job, waiting, shared)
                continue
            if self._is_stuck(waiting):
                self._restart_broken_pool(waiting, TimeoutError("no worker takes anything up"))
                continue
            try:
                result = self._result_or_failure(job, first)
            except _RetryItemError:
                self._futures.discard(first.future)
                first.future = None
                continue
            except (RuntimeError, CancelledError) as error:
                self._restart_broken_pool(waiting, error)
                continue
            waiting.popleft()
            self._futures.discard(first.future)
            # Only pools that break without ever doing anything are given up.
            self._restarts_left = _MAX_RESTARTS
            self._times_stuck = 0
            if room is not None:
                room.release(first.item)
            return result

    def _is_stuck(self, waiting: "deque[_WaitingItem[Item, Result]]") -> bool:
        """Wait for the first result; return whether workers stopped taking items up instead.

        A worker that is killed while it takes an item up may leave the way to all others locked.
        A pool that breaks while it is given an item may never say what became of it.
        """
        futures = [each.future for each in waiting if each.future is not None]
        idle_s = 0.0
        while not futures[0].done():
            was_active = self._pool is not None and self._pool.active
            wait_for_futures(futures[:1], timeout=_CHECK_S)
            if not was_active and not futures[0].done():
                return True
            # Items are taken up in their order: that others are done does not mean that it will be.
            is_busy = any(future.running() for future in futures)
            idle_s = 0.0 if is_busy else idle_s + _CHECK_S
            if idle_s >= _STUCK_S * min(1 + self._times_stuck, _MOST_PATIENCE):
                self._times_stuck += 1
                return True
        return False

    def _running_pool(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                self._workers,
                max_tasks=_ITEMS_PER_WORKER,
                initializer=limit_worker_memory_and_lifetime,
                initargs=(self._memory_bytes,),
                # Spawned: no state of this process is theirs, and no socket is opened for them, as
                # a server of forks would.
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool

    def _restart_broken_pool(
        self, waiting: "deque[_WaitingItem[Item, Result]]", error: BaseException
    ) -> None:
        """End a pool that broke; items without a result are given to the next.

        Raises:
            WorkerPoolError: If pools break again and again.
        """
        self._end_pool(at_once=True)
        self._restarts_left -= 1
        if self._restarts_left < 0:
            raise WorkerPoolError(f"worker processes cannot be kept running: {error}") from error
        self._futures.clear()
        for each in waiting:
            if not each.has_result():
                each.future = None
        # What keeps workers from starting, such as a full computer, may pass.
        time.sleep(_RESTART_PAUSE_S)

    def _end_pool(self, *, at_once: bool) -> None:
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if not at_once:
            pool.close()  # type: ignore[no-untyped-call]
            pool.join()
            return
        pool.stop()  # type: ignore[no-untyped-call]
        # What a worker was killed in the middle of saying is waited for without end.
        ending = Thread(target=pool.join, daemon=True)
        ending.start()
        ending.join(_END_S)
        if ending.is_alive():
            _kill_workers()

    def _result_or_failure(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        first: "_WaitingItem[Item, Result]",
    ) -> Result:
        """Return the result of an item that a worker is done with.

        Raises:
            OutputError: If there is no room for results.
            _RetryItemError: If somebody ended the worker, and not too often with this item.
        """
        assert first.future is not None  # noqa: S101 - the caller looked
        try:
            result: Result | DiskFullResult = unpickle_from_worker(first.future.result())
        except FutureTimeoutError:
            reason = f"stopped after {self._timeout_s:g} s, {TIME_LIMIT}"
            return job.failed(first.item, ItemFailure(QuarantineCause.TIME_LIMIT, reason))
        except ProcessExpired as error:
            if error.exitcode in _ENDED_FROM_OUTSIDE and first.times_lost < MAX_TIMES_AGAIN:
                first.times_lost += 1
                raise _RetryItemError from error
            return job.failed(first.item, failure_of_ended_worker(error.exitcode))
        return result_unless_disk_full(result)


def _kill_workers() -> None:
    """Kill the workers that a pool leaves which does not end."""
    for process in multiprocessing.active_children():
        if process.name == WORKERS_NAME:
            process.kill()


def result_unless_disk_full(result: Result | DiskFullResult) -> Result:
    """Return a result.

    Raises:
        OutputError: If there was no room to write it.
    """
    if isinstance(result, DiskFullResult):
        raise OutputError(
            f"cannot write what was found out: {result.reason}; make room and run the same "
            "command again"
        )
    return result


class _RetryItemError(Exception):
    """A worker was ended by somebody else: its item is not to blame."""


def was_ended_from_outside(exit_code: int | None) -> bool:
    """Return whether somebody else ended a worker, so that its item is not to blame."""
    return exit_code in _ENDED_FROM_OUTSIDE


def failure_of_ended_worker(exit_code: int | None) -> ItemFailure:
    """Return why an item has no result whose worker ended."""
    if exit_code is not None and exit_code == _FILE_IS_GONE:
        reason = "it was cut short while it was read, or its disk failed"
        return ItemFailure(QuarantineCause.TRUNCATED, reason)
    reason = f"the worker crashed (exit code {exit_code}); {INTERNAL_FAULT}"
    return ItemFailure(QuarantineCause.CRASH, reason)


@dataclass(slots=True)
class _WaitingItem(Generic[Item, Result]):
    """An item, and the promise of its result; ``None``: no worker has it."""

    item: Item
    future: "ProcessFuture[SentWorkerResult] | None" = None
    #: How many workers that had it were ended by somebody else.
    times_lost: int = 0

    def is_done(self) -> bool:
        return self.future is not None and self.future.done()

    def has_result(self) -> bool:
        """Return whether its result is there, or its own failure, and no broken pool."""
        if self.future is None or not self.future.done() or self.future.cancelled():
            return False
        return not isinstance(self.future.exception(), RuntimeError)


def work_on_item_catching_errors(
    job: WorkAndFailureFunctions[Item, Shared, Result], item: Item, shared: Shared
) -> Result | DiskFullResult:
    """Return the result of one item; an error in a reader or rule becomes a failed result.

    Errors do not cross the process boundary: one that cannot be unpickled would break the pool.
    """
    try:
        return job.work(item, shared)
    except Exception as error:  # noqa: BLE001 - one bad file never stops a run
        failure = item_failure_from_exception(error)
    return failure if isinstance(failure, DiskFullResult) else job.failed(item, failure)


def work_on_item_and_pickle_result(
    job: WorkAndFailureFunctions[Item, Shared, Result],
    item: Item,
    shared: Shared,
    folder: Path | None,
) -> SentWorkerResult:
    """Return the result of one item as it is sent from a worker, a large one in a folder."""
    result = work_on_item_catching_errors(job, item, shared)
    try:
        return pickle_for_parent(result, folder)
    except OSError as error:
        failure = item_failure_from_exception(error)
        return pickle_for_parent(
            failure if isinstance(failure, DiskFullResult) else job.failed(item, failure), None
        )


def is_disk_full(error: OSError) -> bool:
    """Return whether there is no room for results: no item is to blame for that."""
    return error.errno in _NO_ROOM


def item_failure_from_exception(error: Exception) -> ItemFailure | DiskFullResult:
    """Return what went wrong with an item in words that cross the boundary of processes."""
    if isinstance(error, MemoryError):
        return ItemFailure(QuarantineCause.MEMORY, "ran out of memory")
    if isinstance(error, OSError):
        reason = os_error_reason(error)
        if is_disk_full(error):
            return DiskFullResult(reason)
        return ItemFailure(cause_of_os_error(error), f"input or output error: {reason}")
    return ItemFailure(QuarantineCause.FAULT, f"{type(error).__name__}: {error}; {INTERNAL_FAULT}")


#: Its types are those of each job.
_WORK_ON_ITEM: Callable[..., Any] = work_on_item_and_pickle_result
