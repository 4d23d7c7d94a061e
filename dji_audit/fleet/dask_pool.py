"""A cluster of Dask in the place of the worker processes of one computer (extra ``cluster``).

Items go to the workers of the cluster in small groups.  Each worker does them in processes of its
own, exactly as one computer does (``worker_pool``): what crashes, hangs or takes all memory there
costs one item and no worker of the cluster.  A worker of the cluster that dies takes nothing with
it either: its groups are done again elsewhere, and results are kept by content, so that one that is
done twice is the same.

This is the only module that speaks to a scheduler, and only where the user names one.  All
workers must see the evidence, the state and the output folder under the same paths: evidence never
travels through the scheduler, but for the copies of small members of containers.
"""

import multiprocessing
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.result_keys import package_code_digest
from dji_audit.fleet.worker_pool import (
    MEMORY_BYTES,
    ItemCapacity,
    ItemFailure,
    WorkAndFailureFunctions,
    WorkerPool,
)
from dji_audit.report.quarantine import QuarantineCause
from dji_audit.report.rows import INTERNAL_FAULT

if TYPE_CHECKING:
    from distributed import Client, Future

#: Items that go to a worker of the cluster together, and groups that wait for each of its threads.
_ITEMS_OF_GROUP, _GROUPS_FOR_A_THREAD = 8, 3
#: Seconds until a scheduler, and until all of its workers, have answered.
_ANSWER_S = 60.0
#: How often a group is done again whose workers died.
_MAX_RETRIES = 3
NOT_INSTALLED = "a cluster needs the extra: pip install 'dji-audit[cluster]'"

Item = TypeVar("Item")
Shared = TypeVar("Shared")
Result = TypeVar("Result")


class DaskPool:
    """The workers of a cluster, used as ``WorkerPool`` is."""

    def __init__(
        self,
        scheduler: str,
        timeout_s: float,
        folders: Sequence[Path],
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        """Set what the pool will connect to; nothing is opened yet.

        Args:
            scheduler: Address of the scheduler, such as ``tcp://10.0.0.5:8786``.
            timeout_s: Seconds after which an item has failed.
            folders: Folders that every worker must see.
            memory_bytes: Memory that one process may take of its own.
        """
        self._scheduler = scheduler
        self._timeout_s = timeout_s
        self._folders = [path.resolve() for path in folders]
        self._memory_bytes = memory_bytes
        self._client: Client | None = None
        self._threads = 1

    def __enter__(self) -> Self:
        """Connect, and make sure that every worker runs this program and sees the folders.

        Raises:
            OutputError: If the scheduler does not answer, or a worker cannot do its part.
        """
        try:
            from distributed import Client
        except ImportError as error:
            raise OutputError(NOT_INSTALLED) from error
        try:
            connect: Any = Client
            self._client = connect(self._scheduler, timeout=_ANSWER_S, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise OutputError(f"no scheduler answers at {self._scheduler}: {error}") from error
        try:
            self._refuse_unfit_workers(self._client)
        except BaseException:
            self._close_dask_client()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the cluster; what nobody has begun is not begun any more."""
        self._close_dask_client()

    def finish_running_items_when_interrupted(self) -> None:
        """Do nothing: what a worker of the cluster has begun it ends, and keeps."""

    def replace_workers(self) -> None:
        """Do nothing: each worker of the cluster keeps its process."""

    def results_of_each(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        items: Iterable[Item],
        shared: Shared,
        room: ItemCapacity[Item] | None = None,
    ) -> Iterator[Result]:
        """Yield the result of each item, in the order given; see ``WorkerPool``."""
        waiting: deque[_TaskGroup[Item, Shared, Result]] = deque()
        group: list[Item] = []
        for item in items:
            group.append(item)
            is_full = room is not None and not room.has_room()
            if len(group) < _ITEMS_OF_GROUP and not is_full:
                continue
            waiting.append(self._submit_group(job, tuple(group), shared))
            group = []
            while waiting and (
                len(waiting) > self._threads * _GROUPS_FOR_A_THREAD
                or (room is not None and not room.has_room())
            ):
                yield from self._results_of_first_group(waiting, room)
        if group:
            waiting.append(self._submit_group(job, tuple(group), shared))
        while waiting:
            yield from self._results_of_first_group(waiting, room)

    def _submit_group(
        self,
        job: WorkAndFailureFunctions[Item, Shared, Result],
        items: tuple[Item, ...],
        shared: Shared,
    ) -> "_TaskGroup[Item, Shared, Result]":
        return _TaskGroup(job, items, shared, self._submit_items_to_cluster(job, items, shared))

    def _submit_items_to_cluster(
        self, job: WorkAndFailureFunctions[Any, Any, Any], items: Sequence[Any], shared: Any
    ) -> "Future[Any]":
        assert self._client is not None  # noqa: S101 - it is entered
        return self._client.submit(
            work_on_group_in_dask_worker,
            job,
            items,
            shared,
            self._timeout_s,
            self._memory_bytes,
            # Files change, and a result is no function of its arguments alone.
            pure=False,
            retries=_MAX_RETRIES,
        )

    def _results_of_first_group(
        self,
        waiting: "deque[_TaskGroup[Item, Shared, Result]]",
        room: ItemCapacity[Item] | None,
    ) -> Iterator[Result]:
        """Yield the results of the first group; one whose workers all died is done item by item."""
        first = waiting.popleft()
        try:
            results = self._wait_for_result(first.future)
        except _WorkersDiedError:
            results = [self._result_of_single_item(first, item) for item in first.items]
        for item, result in zip(first.items, results, strict=True):
            if room is not None:
                room.release(item)
            yield result

    def _result_of_single_item(
        self, group: "_TaskGroup[Item, Shared, Result]", item: Item
    ) -> Result:
        try:
            (result,) = self._wait_for_result(
                self._submit_items_to_cluster(group.job, (item,), group.shared)
            )
        except _WorkersDiedError as error:
            reason = f"every worker of the cluster that had it died ({error}); {INTERNAL_FAULT}"
            failed: Result = group.job.failed(item, ItemFailure(QuarantineCause.CRASH, reason))
            return failed
        done: Result = result
        return done

    def _wait_for_result(self, future: "Future[Any]") -> list[Any]:
        """Return the results of a group.

        Raises:
            OutputError: If there is no room for them.
            _WorkersDiedError: If each worker that had the group died.
        """
        from concurrent.futures import CancelledError

        from distributed import KilledWorker

        try:
            results: list[Any] = future.result()
        except (KilledWorker, CancelledError) as error:
            raise _WorkersDiedError(type(error).__name__) from error
        return results

    def _refuse_unfit_workers(self, client: "Client") -> None:
        """Ask every worker whether it can do its part.

        Raises:
            OutputError: If there is none, or one cannot.
        """
        from concurrent.futures import TimeoutError as FutureTimeoutError

        try:
            client.wait_for_workers(1, timeout=_ANSWER_S)
        except (TimeoutError, FutureTimeoutError) as error:
            raise OutputError(f"the scheduler {self._scheduler} has no workers") from error
        workers = client.scheduler_info(n_workers=-1)["workers"]
        self._threads = max(1, sum(worker["nthreads"] for worker in workers.values()))
        here = [package_code_digest("dji_audit"), package_code_digest("parsers")]
        answers = {
            address: client.submit(
                reason_worker_is_unfit,
                [str(path) for path in self._folders],
                here,
                pure=False,
                workers=[address],
                allow_other_workers=False,
            )
            for address in workers
        }
        for address, answer in answers.items():
            try:
                reason = answer.result(timeout=_ANSWER_S)
            except (TimeoutError, FutureTimeoutError) as error:
                raise OutputError(f"the worker {address} does not answer") from error
            except ImportError as error:
                raise OutputError(f"the worker {address} has no dji-audit: {error}") from error
            if reason:
                raise OutputError(f"the worker {address} {reason}")

    def _close_dask_client(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()  # type: ignore[no-untyped-call]


class _WorkersDiedError(Exception):
    """Each worker of the cluster that had a group died."""


@dataclass(frozen=True, slots=True)
class _TaskGroup(Generic[Item, Shared, Result]):
    """Items that go to a worker of the cluster together, and the promise of their results."""

    job: WorkAndFailureFunctions[Item, Shared, Result]
    items: tuple[Item, ...]
    shared: Shared
    future: "Future[Any]"


_OF_THREAD = threading.local()


def work_on_group_in_dask_worker(
    job: WorkAndFailureFunctions[Item, Shared, Result],
    items: Sequence[Item],
    shared: Shared,
    timeout_s: float,
    memory_bytes: int,
) -> list[Result]:
    """Do a group of items on a worker of the cluster, in a process that it starts for that.

    The process is kept for the next group of the same thread.
    """
    pool: WorkerPool | None = getattr(_OF_THREAD, "pool", None)
    if pool is None or getattr(_OF_THREAD, "limits", None) != (timeout_s, memory_bytes):
        pool = WorkerPool(1, timeout_s, memory_bytes)
        _OF_THREAD.pool, _OF_THREAD.limits = pool, (timeout_s, memory_bytes)
    return list(pool.results_of_each(job, items, shared))


def reason_worker_is_unfit(folders: Sequence[str], code: Sequence[str]) -> str:
    """Return why a worker of the cluster cannot do its part; empty: it can."""
    if multiprocessing.current_process().daemon:
        return (
            "may start no processes: start it with --no-nanny, or with "
            "DASK_DISTRIBUTED__WORKER__DAEMON=False in its environment"
        )
    for folder in folders:
        if not Path(folder).exists():
            return f"does not see {folder}: all computers need the same folders at the same paths"
    if [package_code_digest("dji_audit"), package_code_digest("parsers")] != [*code]:
        return "runs another version of dji-audit"
    return ""
