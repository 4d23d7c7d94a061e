"""Work on many things, in worker processes where there is more than one.

A worker that crashes, hangs or runs out of memory loses the thing it works on and no
other: the pool replaces it and the run goes on.  So does an error in a reader or a rule
that nobody foresaw.  Only results that cannot be written stop a run.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from types import TracebackType
from typing import Generic, Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

#: Things after which a worker is replaced, so that no leak can grow for ever.
_THINGS_A_WORKER = 200

Item = TypeVar("Item")
Task = TypeVar("Task")
Result = TypeVar("Result")


class Job(Generic[Item, Task, Result]):
    """What is done with one thing, and what its result is if that goes wrong."""

    def __init__(
        self, work: Callable[[Item, Task], Result], lost: Callable[[Item, str], Result]
    ) -> None:
        """Join work, and the result of work that was lost with the reason; both by name."""
        self.work = work
        self.lost = lost


class Workers:
    """Worker processes, started when first needed and used until the run ends."""

    def __init__(self, jobs: int, timeout_s: float) -> None:
        """Allow so many workers.

        Args:
            jobs: Worker processes; with one thing, or one job, none is started.
            timeout_s: Seconds after which a worker is ended and its thing given up.
        """
        self._jobs = jobs
        self._timeout_s = timeout_s
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        """Begin; nothing is started yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the workers; at once if the run was stopped."""
        if self._pool is None:
            return
        if error is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def each(
        self, job: Job[Item, Task, Result], items: Sequence[Item], task: Task
    ) -> Iterator[Result]:
        """Yield what came of each thing, in the order given.

        Args:
            job: What is done.
            items: The things.
            task: What every worker needs to know.

        Raises:
            OSError: If a result cannot be written.
        """
        if self._jobs <= 1 or len(items) <= 1:
            for item in items:
                yield attempt(job, item, task)
            return
        pool = self._started(len(items))
        futures = [
            (item, pool.schedule(attempt, args=(job, item, task), timeout=self._timeout_s))
            for item in items
        ]
        for item, future in futures:
            yield self._result(job, item, future)

    def _started(self, things: int) -> ProcessPool:
        if self._pool is None:
            # Spawned, not forked: the same on every system, and no state is inherited.
            context = multiprocessing.get_context("spawn")
            workers = min(self._jobs, things)
            self._pool = ProcessPool(workers, max_tasks=_THINGS_A_WORKER, context=context)
        return self._pool

    def _result(
        self, job: Job[Item, Task, Result], item: Item, future: "ProcessFuture[Result]"
    ) -> Result:
        try:
            return future.result()
        except FutureTimeoutError:
            return job.lost(item, f"given up after {self._timeout_s:g} s")
        except ProcessExpired as error:
            code = error.exitcode
            return job.lost(item, f"the worker crashed (exit code {code}); {FAULT}")
        except CancelledError:
            return job.lost(item, "cancelled")


FAULT = "this is a fault of dji-audit"


def attempt(job: Job[Item, Task, Result], item: Item, task: Task) -> Result:
    """Do the work; what goes wrong in a reader or rule is a result, for no error need cross over.

    An error that cannot be unpickled would break the whole pool.
    """
    try:
        return job.work(item, task)
    except MemoryError:
        return job.lost(item, "ran out of memory")
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad file never stops a run
        return job.lost(item, f"{type(error).__name__}: {error}; {FAULT}")
