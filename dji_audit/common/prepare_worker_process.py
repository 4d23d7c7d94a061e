"""How each process begins that this program starts for its work.

This loads nothing large: what a worker must settle before it loads pandas stands here.
"""

import multiprocessing
import os
import signal
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import wait
from threading import Thread

from dji_audit.common.pandas_without_pyarrow import prevent_pandas_loading_pyarrow

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]


def limit_worker_memory_and_lifetime(memory_bytes: int) -> None:
    """Let a worker take no more memory than it may, leave no core file, and end with its run."""
    prevent_pandas_loading_pyarrow()
    Thread(target=_end_with_parent, daemon=True).start()
    # The process that started it decides what becomes of a run that is interrupted.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if resource is None:
        return
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):
        # Files that are mapped for reading do not count.
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


def run_named_function_in_limited_worker(
    memory_bytes: int, module: str, function: str, *args: object
) -> None:
    """Call a function of a module that is loaded only when the worker is prepared."""
    limit_worker_memory_and_lifetime(memory_bytes)
    getattr(import_module(module), function)(*args)


def _end_with_parent() -> None:
    """End this process when the one that started it has ended, however it ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
