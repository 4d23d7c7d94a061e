"""Audit many files, in worker processes where there is more than one.

A worker that crashes, hangs or runs out of memory loses its own file and no
other: the pool replaces it and the run goes on.  So does an error in a reader
or a rule that nobody foresaw.  Only results that cannot be written stop a run.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from dji_audit.fleet.inputs import Input
from dji_audit.fleet.worker import FileResult, Task, audit_file
from dji_audit.report.rows import FileRow

#: Files after which a worker is replaced, so that no leak can grow for ever.
_FILES_A_WORKER = 200

Work = Callable[[Input, Task], FileResult]


def audit_files(
    inputs: Sequence[Input], task: Task, jobs: int, timeout_s: float, work: Work = audit_file
) -> Iterator[FileResult]:
    """Yield what came of each file, in the order given.

    Args:
        inputs: The files.
        task: What every worker needs to know.
        jobs: Worker processes; with one file, or one job, none is started.
        timeout_s: Seconds after which a worker is ended and its file given up.
        work: What is done with one file.

    Raises:
        OSError: If a page cannot be written.
    """
    if jobs <= 1 or len(inputs) <= 1:
        for found in inputs:
            yield _attempt(work, found, task)
        return
    # Spawned, not forked: the same on every system, and no state is inherited.
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(inputs))
    # The task goes once to each worker, not with each file: it carries the whole case.
    with ProcessPool(
        workers,
        max_tasks=_FILES_A_WORKER,
        initializer=_take,
        initargs=(work, task),
        context=context,
    ) as pool:
        futures = [
            (found, pool.schedule(_attempt_taken, args=(found,), timeout=timeout_s))
            for found in inputs
        ]
        try:
            for found, future in futures:
                yield _result(found, future, timeout_s)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


#: What this worker was started for.
_taken: list[tuple[Work, Task]] = []


def _take(work: Work, task: Task) -> None:
    _taken[:] = [(work, task)]


def _attempt_taken(found: Input) -> FileResult:
    work, task = _taken[0]
    return _attempt(work, found, task)


def _attempt(work: Work, found: Input, task: Task) -> FileResult:
    """Do the work; what goes wrong in a reader or rule is a result, for no error need cross over.

    An error that cannot be unpickled would break the whole pool.
    """
    try:
        return work(found, task)
    except MemoryError:
        return _lost(found, "ran out of memory")
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad file never stops a run
        return _lost(found, f"{type(error).__name__}: {error}; this is a fault of dji-audit")


def _result(found: Input, future: "ProcessFuture[FileResult]", timeout_s: float) -> FileResult:
    try:
        return future.result()
    except FutureTimeoutError:
        return _lost(found, f"given up after {timeout_s:g} s")
    except ProcessExpired as error:
        code = error.exitcode
        return _lost(found, f"the reader crashed (exit code {code}); this is a fault of dji-audit")
    except CancelledError:
        return _lost(found, "cancelled")


def _lost(found: Input, reason: str) -> FileResult:
    return FileResult(FileRow(found.name, "unread", reason))
