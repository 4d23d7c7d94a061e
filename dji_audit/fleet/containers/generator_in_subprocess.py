"""A process that runs generators for this one, one after the other, and hands over their results.

A worker of the pool gives one result for each item.  This process is for work whose results cannot
all wait, such as the members of a container: each is made when it is asked for.  It is bounded as
a worker is, in memory and in time, and ends with the process that started it.
"""

import multiprocessing
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from dji_audit.common.prepare_worker_process import run_named_function_in_limited_worker
from dji_audit.fleet.worker_pool import (
    MEMORY_BYTES,
    DiskFullResult,
    ItemFailure,
    failure_of_ended_worker,
    item_failure_from_exception,
    result_unless_disk_full,
    was_ended_from_outside,
)
from dji_audit.report.quarantine import QuarantineCause
from dji_audit.report.rows import TIME_LIMIT

#: Generators after which the process is replaced, so that no memory leak grows without limit.
_GENERATORS_PER_PROCESS = 200
#: Seconds until a process has started, on a slow computer, and taken its work up.
_START_S = 120.0
#: Seconds until a process that closed its end of the pipe has ended.
_END_S = 10.0

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _YieldedResult:
    """One result of a generator."""

    value: Any


@dataclass(frozen=True, slots=True)
class _JobAccepted:
    """The process has started, and knows what to do: its time begins."""


@dataclass(frozen=True, slots=True)
class _GeneratorExhausted:
    """A generator came to its end."""


_Answer = _JobAccepted | _YieldedResult | _GeneratorExhausted | ItemFailure | DiskFullResult


class GeneratorFailedError(Exception):
    """A generator did not come to its end: it crashed, hung, or met an error."""

    def __init__(self, failure: ItemFailure, *, was_ended_from_outside: bool = False) -> None:
        """Say what happened.

        Args:
            failure: What went wrong.
            was_ended_from_outside: Whether somebody else ended the process, so that the same may
                be tried again.
        """
        super().__init__(failure.reason)
        self.failure = failure
        self.was_ended_from_outside = was_ended_from_outside


class GeneratorProcess:
    """One process, started when first needed, and again after it was ended."""

    def __init__(self, memory_bytes: int = MEMORY_BYTES) -> None:
        """Start nothing yet.

        Args:
            memory_bytes: Memory that the process may take of its own.
        """
        self._memory_bytes = memory_bytes
        self._generators_left = _GENERATORS_PER_PROCESS
        self._process: BaseProcess | None = None
        self._connection: Connection[Any, Any] | None = None

    def results(
        self, generator: Callable[..., Iterator[Result]], arguments: tuple[Any, ...], limit_s: float
    ) -> Generator[Result, None, None]:
        """Yield the results of a generator that runs in the other process.

        Args:
            generator: A generator function that the other process can import.
            arguments: Its arguments; they are copied to the other process.
            limit_s: Seconds that this process waits for all results together.

        Raises:
            GeneratorFailedError: If it does not come to its end.
            OutputError: If there is no room for what it writes.
        """
        if self._generators_left <= 0:
            self.end()
        self._generators_left -= 1
        is_done = False
        try:
            self._send_to_process((generator, arguments))
            self._wait_until_job_accepted()
            while True:
                began = time.monotonic()
                answer = self._receive_answer(limit_s)
                limit_s -= time.monotonic() - began
                if isinstance(answer, _GeneratorExhausted):
                    is_done = True
                    return
                if isinstance(answer, _YieldedResult):
                    yield answer.value
                elif not isinstance(answer, _JobAccepted):
                    is_done = True
                    raise GeneratorFailedError(result_unless_disk_full(answer))
                # The next one is made now: what waits for it was consumed.
                self._send_to_process(None)
        finally:
            if not is_done:
                self.end()

    def end(self) -> None:
        """End the process at once, if there is one; it may be used again."""
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if process is not None:
            process.kill()
            process.join()
            process.close()

    def _send_to_process(self, message: object) -> None:
        """Give the process work, or ask for the next result.

        Raises:
            GeneratorFailedError: If the process has ended.
        """
        if self._connection is None:
            self._start_process()
        assert self._connection is not None  # noqa: S101 - it was started
        try:
            self._connection.send(message)
        except OSError as error:
            raise self._error_of_ended_process() from error

    def _wait_until_job_accepted(self) -> None:
        """Wait until the process has started; how long that takes no item is to blame for.

        Raises:
            GeneratorFailedError: If it does not start, or ends.
        """
        assert self._connection is not None  # noqa: S101 - something was sent
        if not wait([self._connection], _START_S):
            failure = ItemFailure(
                QuarantineCause.CRASH, f"its process did not start within {_START_S:g} s"
            )
            raise GeneratorFailedError(failure, was_ended_from_outside=True)
        self._receive_answer(0.0)

    def _receive_answer(self, limit_s: float) -> _Answer:
        """Wait for an answer.

        Raises:
            GeneratorFailedError: If none comes in time, or the process ends.
        """
        assert self._connection is not None  # noqa: S101 - something was sent
        if not wait([self._connection], max(0.0, limit_s)):
            reason = f"stopped when the other limits held, {TIME_LIMIT}"
            raise GeneratorFailedError(ItemFailure(QuarantineCause.TIME_LIMIT, reason))
        try:
            answer: _Answer = self._connection.recv()
        except (EOFError, OSError) as error:
            raise self._error_of_ended_process() from error
        return answer

    def _error_of_ended_process(self) -> GeneratorFailedError:
        code = None
        if self._process is not None:
            self._process.join(_END_S)
            code = self._process.exitcode
        return GeneratorFailedError(
            failure_of_ended_worker(code), was_ended_from_outside=was_ended_from_outside(code)
        )

    def _start_process(self) -> None:
        self._generators_left = _GENERATORS_PER_PROCESS
        # Spawned, as the workers are: no state of this process is its own.
        context = multiprocessing.get_context("spawn")
        self._connection, other_end = context.Pipe()
        self._process = context.Process(
            target=run_named_function_in_limited_worker,
            args=(self._memory_bytes, __name__, serve_generators.__name__, other_end),
            daemon=True,
        )
        self._process.start()
        # So that it is known here when the other process closes it.
        other_end.close()


def serve_generators(connection: "Connection[Any, Any]") -> None:
    """Run the generators that the parent process asks for, until it closes its end of the pipe."""
    while True:
        try:
            generator, arguments = connection.recv()
            connection.send(_JobAccepted())
            _send_results(connection, generator(*arguments))
        except (EOFError, ConnectionError):
            # The parent wants nothing more.
            return


def _send_results(connection: "Connection[Any, Any]", results: Iterator[object]) -> None:
    """Send each result, and how they ended.

    Raises:
        EOFError: If the parent wants nothing more.
        ConnectionError: If it is gone.
    """
    answer: _Answer
    while True:
        try:
            answer = _YieldedResult(next(results))
        except StopIteration:
            answer = _GeneratorExhausted()
        except Exception as error:  # noqa: BLE001 - one bad file never stops a run
            answer = item_failure_from_exception(error)
        connection.send(answer)
        if not isinstance(answer, _YieldedResult):
            return
        connection.recv()
