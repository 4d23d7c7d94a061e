"""A file that crashes, hangs or breaks its worker loses itself and no other."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessFuture, ProcessPool
from pebble.pool.base_pool import PoolStatus

from dji_audit.fleet import worker_pool
from dji_audit.fleet.containers.member_copies import IndexedInput
from dji_audit.fleet.output_folder import OutputError
from dji_audit.fleet.read_file_in_worker import FileResult, ReadSettings
from dji_audit.fleet.store import ResultStore
from dji_audit.fleet.worker_pool import WorkAndFailureFunctions, WorkerPool
from dji_audit.ingest import IngestSettings
from dji_audit.ingest.input_files import InputFile
from dji_audit.report.quarantine import QuarantineCause

SETTINGS = ReadSettings(IngestSettings(), Path("no spool"), ResultStore(Path("no store")))
FAULT = "this is a fault of dji-audit"
Work = WorkAndFailureFunctions[IndexedInput, ReadSettings, FileResult]


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Return the work that goes wrong, where worker processes find it too."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    monkeypatch.delitem(sys.modules, "crashing_jobs", raising=False)
    import crashing_jobs  # type: ignore[import-not-found]

    found: Work = crashing_jobs.JOB
    return found


def inputs(*stems: str) -> list[IndexedInput]:
    names = [f"{stem}.txt" for stem in stems]
    return [
        IndexedInput(place, InputFile(Path(name), name, True)) for place, name in enumerate(names)
    ]


def done(job: Work, stems: Sequence[str], jobs: int, timeout_s: float) -> list[FileResult]:
    with WorkerPool(jobs, timeout_s) as workers:
        return list(workers.results_of_each(job, inputs(*stems), SETTINGS))


def told(results: list[FileResult]) -> list[tuple[str, str, str]]:
    return [(result.row.name, result.row.status, result.row.reason) for result in results]


def test_each_file_that_breaks_its_worker_loses_itself_and_no_other(job: Work) -> None:
    stems = ("ok-1", "exit", "ok-2", "kill", "error", "odd", "hang", "memory", "ok-3")
    results = told(done(job, stems, 2, 3.0))
    assert [name for name, _, _ in results] == [f"{stem}.txt" for stem in stems]
    rows = {name: (status, reason) for name, status, reason in results}
    for name in ("ok-1", "ok-2", "ok-3"):
        assert rows[f"{name}.txt"] == ("read", "")
    for name, reason in {
        "exit": f"the worker crashed (exit code 9); {FAULT}",
        "kill": f"the worker crashed (exit code -9); {FAULT}",
        "error": f"IndexError: list index out of range; {FAULT}",
        "hang": "stopped after 3 s, the time limit",
        "memory": "ran out of memory",
        "odd": f"OddError: this and that; {FAULT}",
    }.items():
        assert rows[f"{name}.txt"] == ("unread", reason)


def test_large_results_lie_in_files_until_they_are_asked_for(job: Work, tmp_path: Path) -> None:
    with WorkerPool(1, 60.0, results_folder=tmp_path) as workers:
        results = workers.results_of_each(job, inputs("large-1", "ok-1", "large-2"), SETTINGS)
        first = next(results)
        while not list(tmp_path.iterdir()):
            time.sleep(0.01)
        assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
        rows = [result.row for result in (first, *results)]
    assert [row.name for row in rows] == ["large-1.txt", "ok-1.txt", "large-2.txt"]
    assert [len(row.reason) for row in rows] == [200_000, 0, 200_000]
    assert not list(tmp_path.iterdir())


def test_a_large_result_that_cannot_be_written_loses_its_own_file(
    job: Work, tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    results: list[FileResult] = []
    with WorkerPool(1, 60.0, results_folder=folder) as workers:
        results += workers.results_of_each(job, inputs("large-1", "ok-1"), SETTINGS)
    assert told(results) == [
        ("large-1.txt", "unread", "input or output error: no such file or directory"),
        ("ok-1.txt", "read", ""),
    ]


def test_results_come_in_the_order_of_the_files_whatever_took_how_long(job: Work) -> None:
    stems = ("slow-1", "ok-1", "ok-2", "slow-2", "ok-3")
    results = told(done(job, stems, 2, 60.0))
    assert [name for name, _, _ in results] == [f"{stem}.txt" for stem in stems]


def test_many_items_get_all_workers_also_after_one_item(job: Work) -> None:
    with WorkerPool(2, 20.0) as workers:
        list(workers.results_of_each(job, inputs("ok-1"), SETTINGS))
        assert workers._workers == 1
        results = told(list(workers.results_of_each(job, iter(inputs("ok-1", "ok-2")), SETTINGS)))
        assert workers._workers == 2
        list(workers.results_of_each(job, inputs("ok-1"), SETTINGS))
        assert workers._workers == 2
    assert results == [("ok-1.txt", "read", ""), ("ok-2.txt", "read", "")]


def test_without_workers_an_error_nobody_foresaw_loses_its_own_file_too(job: Work) -> None:
    results = told(done(job, ("ok-1", "error", "memory", "ok-2"), 0, 60.0))
    assert [(name, status) for name, status, _ in results] == [
        ("ok-1.txt", "read"),
        ("error.txt", "unread"),
        ("memory.txt", "unread"),
        ("ok-2.txt", "read"),
    ]


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_a_disk_error_of_one_file_loses_that_file_only(job: Work, jobs: int) -> None:
    results = told(done(job, ("ok-1", "disk", "ok-2"), jobs, 60.0))
    assert results == [
        ("ok-1.txt", "read", ""),
        ("disk.txt", "unread", "input or output error: input/output error"),
        ("ok-2.txt", "read", ""),
    ]


@pytest.mark.parametrize("jobs", [0, 2])
def test_a_full_disk_ends_the_run_and_blames_no_file(job: Work, jobs: int) -> None:
    with pytest.raises(OutputError, match="no space left on device; make room and run the same"):
        done(job, ("ok-1", "full", "ok-2"), jobs, 60.0)


def test_each_failure_has_its_cause(job: Work) -> None:
    stems = ("exit", "cut", "error", "hang", "memory", "disk")
    assert [result.row.quarantine for result in done(job, stems, 2, 3.0)] == [
        QuarantineCause.CRASH,
        QuarantineCause.TRUNCATED,
        QuarantineCause.FAULT,
        QuarantineCause.TIME_LIMIT,
        QuarantineCause.MEMORY,
        QuarantineCause.UNREADABLE,
    ]


def test_a_file_whose_worker_somebody_ends_is_read_once_more(
    job: Work, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORK_MARKS", str(tmp_path))
    results = told(done(job, ("ok-1", "once-1", "once-2", "ok-2"), 2, 60.0))
    assert {(status, reason) for _, status, reason in results} == {("read", "")}
    assert len(list(tmp_path.iterdir())) == 2


def test_no_files_are_no_work(job: Work) -> None:
    assert done(job, (), 4, 60.0) == []


def test_workers_that_are_killed_as_they_start_lose_no_run(
    job: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever kills workers, the run ends, and every file has a result."""
    monkeypatch.setattr(worker_pool, "_STUCK_S", 6.0)
    stop = threading.Event()

    def kill_workers() -> None:
        until = time.monotonic() + 4
        while time.monotonic() < until and not stop.is_set():
            for worker in multiprocessing.active_children():
                with suppress(OSError, TypeError):
                    os.kill(worker.pid or 0, signal.SIGKILL)
            time.sleep(0.01)

    killer = threading.Thread(target=kill_workers)
    killer.start()
    try:
        stems = [f"slow-{number}" for number in range(12)]
        results = told(done(job, stems, 2, 60.0))
    finally:
        stop.set()
        killer.join()
    assert [name for name, _, _ in results] == [f"{stem}.txt" for stem in stems]
    assert {status for _, status, _ in results} <= {"read", "unread"}


def test_an_item_that_a_broken_pool_took_and_forgot_is_given_to_the_next(
    job: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pool may break while it is given an item: of those before it says so, of that nothing."""
    made: list[object] = []

    class ForgetfulPool(ProcessPool):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            made.append(self)

        def schedule(self, *args: Any, **options: Any) -> ProcessFuture[Any]:
            if made.index(self):
                return super().schedule(*args, **options)
            future: ProcessFuture[Any] = ProcessFuture()
            if self.active:
                self._context.status = PoolStatus.ERROR
            else:
                future.set_exception(BrokenProcessPool("all workers expired"))
            return future

    monkeypatch.setattr(worker_pool, "ProcessPool", ForgetfulPool)
    monkeypatch.setattr(worker_pool, "_CHECK_S", 0.1)
    results = told(done(job, ("ok-1", "ok-2"), 1, 60.0))
    assert [(name, status) for name, status, _ in results] == [
        ("ok-1.txt", "read"),
        ("ok-2.txt", "read"),
    ]
    assert len(made) == 2


def test_a_worker_gets_no_more_memory_than_it_may(job: Work) -> None:
    with WorkerPool(1, 60.0, memory_bytes=400 << 20) as workers:
        results = told(list(workers.results_of_each(job, inputs("ok-1", "big", "ok-2"), SETTINGS)))
    assert [(name, reason) for name, _, reason in results] == [
        ("ok-1.txt", ""),
        ("big.txt", "ran out of memory"),
        ("ok-2.txt", ""),
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a mechanism of Linux")
def test_workers_end_with_the_process_that_started_them(tmp_path: Path) -> None:
    (tmp_path / "test_pool_helpers.py").write_text(
        "import os, sys, time\nfrom pathlib import Path\n"
        "from dji_audit.fleet.worker_pool import WorkAndFailureFunctions, WorkerPool\n"
        "def work(item, shared):\n"
        "    Path(shared, str(os.getpid())).touch(); time.sleep(600)\n"
        "def failed(item, reason): return reason\n"
        "def hang(folder):\n"
        "    with WorkerPool(2, 600) as pool:\n"
        "        job = WorkAndFailureFunctions(work, failed)\n"
        "        list(pool.results_of_each(job, [1, 2], folder))\n"
    )
    marks = tmp_path / "marks"
    marks.mkdir()
    program = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import test_pool_helpers as h; "
    process = subprocess.Popen(
        [sys.executable, "-c", f"{program}h.hang({str(marks)!r})"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    until = time.monotonic() + 120
    while len(list(marks.iterdir())) < 2 and time.monotonic() < until:
        time.sleep(0.05)
    workers = [int(path.name) for path in marks.iterdir()]
    assert len(workers) == 2
    process.kill()
    process.wait(30)
    while any(map(is_running, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_running, workers))


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
