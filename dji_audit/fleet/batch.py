"""Audit many files, in worker processes where there is more than one.

A worker that crashes, hangs or runs out of memory loses its own file and no
other: the pool replaces it and the run goes on.  So does an error in a reader
or a rule that nobody foresaw.  Only results that cannot be written stop a run.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from functools import partial

from pebble import ProcessExpired, ProcessPool

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
            yield _result(found, partial(work, found, task), timeout_s)
        return
    # Spawned, not forked: the same on every system, and no state is inherited.
    context = multiprocessing.get_context("spawn")
    workers = min(jobs, len(inputs))
    with ProcessPool(workers, max_tasks=_FILES_A_WORKER, context=context) as pool:
        futures = [
            (found, pool.schedule(work, args=(found, task), timeout=timeout_s)) for found in inputs
        ]
        try:
            for found, future in futures:
                yield _result(found, future.result, timeout_s)
        except BaseException:
            pool.stop()  # type: ignore[no-untyped-call]
            raise


def _result(found: Input, wait: Callable[[], object], timeout_s: float) -> FileResult:
    try:
        result = wait()
    except FutureTimeoutError:
        reason = f"given up after {timeout_s:g} s"
    except ProcessExpired as error:
        reason = f"the reader crashed (exit code {error.exitcode}); this is a fault of dji-audit"
    except MemoryError:
        reason = "ran out of memory"
    except CancelledError:
        reason = "cancelled"
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - one bad file never stops a run
        reason = f"{type(error).__name__}: {error}; this is a fault of dji-audit"
    else:
        if isinstance(result, FileResult):
            return result
        reason = "no result"
    return FileResult(FileRow(found.name, "unread", reason))
