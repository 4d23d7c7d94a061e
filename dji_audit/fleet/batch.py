"""Audit many files, in worker processes where there is more than one.

A worker that crashes, hangs or runs out of memory loses its own file and no
other: the pool replaces it and the run goes on.
"""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError

from pebble import ProcessExpired, ProcessPool

from dji_audit.fleet.inputs import Input
from dji_audit.fleet.worker import FileResult, Task, audit_file
from dji_audit.report.rows import FileRow

#: Files after which a worker is replaced, so that no leak can grow for ever.
_FILES_A_WORKER = 200


def audit_files(
    inputs: Sequence[Input], task: Task, jobs: int, timeout_s: float
) -> Iterator[FileResult]:
    """Yield what came of each file, in the order given.

    Args:
        inputs: The files.
        task: What every worker needs to know.
        jobs: Worker processes; with one file, or one job, none is started.
        timeout_s: Seconds after which a worker is ended and its file given up.
    """
    if jobs <= 1 or len(inputs) <= 1:
        for found in inputs:
            yield audit_file(found, task)
        return
    # Spawned, not forked: the same on every system, and no state is inherited.
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(inputs))
    with ProcessPool(workers, max_tasks=_FILES_A_WORKER, context=context) as pool:
        futures = [
            (found, pool.schedule(audit_file, args=(found, task), timeout=timeout_s))
            for found in inputs
        ]
        try:
            for found, future in futures:
                yield _result(found, future, timeout_s)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def _result(found: Input, future: object, timeout_s: float) -> FileResult:
    try:
        result = future.result()  # type: ignore[attr-defined]
    except FutureTimeoutError:
        reason = f"given up after {timeout_s:g} s"
    except ProcessExpired as error:
        reason = f"the reader crashed (exit code {error.exitcode}); this is a fault of dji-audit"
    except MemoryError:
        reason = "ran out of memory"
    except CancelledError:
        reason = "cancelled"
    else:
        if isinstance(result, FileResult):
            return result
        reason = "no result"
    return FileResult(FileRow(found.name, "unread", reason))
