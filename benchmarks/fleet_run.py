"""Audit a fleet of small logs: memory of the supervisor and of the workers, time, throughput.

    python benchmarks/fleet_run.py [--logs 2000] [--jobs 2] [--make-only] [--fleet FOLDER] …

Small real logs, or the synthetic ones where those are not here, are copied with every clock moved,
so that each copy is a flight of its own.  Memory is the high-water mark that the kernel keeps of
each process (Linux).  Times of the processor are those of all processes together; they are set
beside hashing the same bytes once.  Wanted: at most 250 MB for the supervisor and 300 MB for a
worker, whatever the number of logs.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from benchmarks._audit_processes import (  # noqa: E402 - found from here
    AUDIT_PROGRAM,
    descendant_processes,
    is_worker_process,
)
from benchmarks._fleet_logs import write_fleet  # noqa: E402
from benchmarks._hashing_time import seconds_to_hash_files  # noqa: E402

MAX_SUPERVISOR_MB, MAX_WORKER_MB = 250, 300
_SECONDS_BETWEEN_LOOKS = 0.1


@dataclass
class PeakMemory:
    """The largest resident memory of a process and of any of its workers, in kilobytes."""

    supervisor: int = 0
    workers: dict[int, int] = field(default_factory=dict)

    def look(self, supervisor: int) -> None:
        """Read the high-water marks of a process and its descendants."""
        self.supervisor = max(self.supervisor, _high_water_mark(supervisor))
        for worker in descendant_processes(supervisor):
            # A program that a process starts is for an instant the whole process itself.
            if is_worker_process(worker):
                self.workers[worker] = max(self.workers.get(worker, 0), _high_water_mark(worker))


def _high_water_mark(process: int) -> int:
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


@dataclass(frozen=True)
class MeasuredRun:
    """What one run over a fleet took."""

    exit_code: int
    wall_s: float
    cpu_s: float
    memory: PeakMemory
    flights: int


def measure_run(fleet: Path, out: Path, arguments: list[str]) -> MeasuredRun:
    """Run the audit in a process of its own, and return what it took.

    Raises:
        RuntimeError: If the run writes no report.
    """
    command = [sys.executable, "-c", AUDIT_PROGRAM, "audit", str(fleet), "--out", str(out)]
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with (out.parent / "terminal.txt").open("wb") as log:
        process = subprocess.Popen([*command, *arguments], cwd=ROOT, stdout=log, stderr=log)
    memory, is_done = PeakMemory(), threading.Event()

    def keep_looking() -> None:
        while not is_done.wait(_SECONDS_BETWEEN_LOOKS):
            memory.look(process.pid)

    looking = threading.Thread(target=keep_looking)
    looking.start()
    exit_code = process.wait()
    is_done.set()
    looking.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if not (out / "report.json").is_file():
        text = (out.parent / "terminal.txt").read_text(errors="replace")
        raise RuntimeError(f"no report, exit code {exit_code}:\n{text[-2000:]}")
    return MeasuredRun(
        exit_code, time.monotonic() - begin, cpu_s, memory, _flight_count(out / "report.json")
    )


def _flight_count(report: Path) -> int:
    """Return how many flights a report counts: its verdict is its last part."""
    with report.open("rb") as stream:
        stream.seek(max(report.stat().st_size - (1 << 20), 0))
        end = stream.read().decode()
    verdict = json.loads(end[end.rindex('"verdict": ') + len('"verdict": ') :].rstrip()[:-1])
    return int(verdict["flights"])


def main() -> int:
    """Print what the run took; return 1 if a process took more memory than is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logs", type=int, default=2000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--fleet", type=Path, help="where the logs are, or are to be made")
    parser.add_argument("--out", type=Path, help="where the results stay; they go if it is missing")
    parser.add_argument("--make-only", action="store_true", help="make the logs, and no run")
    given, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as name:
        fleet = given.fleet or Path(name) / "fleet"
        if not fleet.is_dir() or not any(fleet.iterdir()):
            size = write_fleet(fleet, given.logs)
            sys.stdout.write(f"{given.logs:,} logs of {size / 1e6:,.0f} MB in {fleet}\n")
        if given.make_only:
            return 0
        sizes = [path.stat().st_size for path in fleet.rglob("*") if path.is_file()]
        seconds_to_hash_files(fleet)
        hash_s = seconds_to_hash_files(fleet)
        out = given.out or Path(name) / "out"
        out.parent.mkdir(parents=True, exist_ok=True)
        run = measure_run(fleet, out, ["--jobs", str(given.jobs), *more])
    supervisor_mb = run.memory.supervisor / 1e3
    worker_mb = max(run.memory.workers.values(), default=0) / 1e3
    sys.stdout.write(
        f"{len(sizes):,} logs, {sum(sizes) / 1e6:,.0f} MB, {run.flights:,} flights, "
        f"exit code {run.exit_code}\n"
        f"supervisor {supervisor_mb:,.0f} MB, largest worker {worker_mb:,.0f} MB "
        f"(wanted {MAX_SUPERVISOR_MB} and {MAX_WORKER_MB})\n"
        f"{run.wall_s:,.1f} s, {run.cpu_s:,.1f} s of the processor: "
        f"{run.cpu_s / hash_s:,.1f} times SHA-256 of the same bytes ({hash_s:.2f} s), "
        f"{1e3 * run.cpu_s / max(run.flights, 1):,.1f} ms a flight, "
        f"{len(sizes) / run.cpu_s:,.1f} logs for each second of the processor\n"
    )
    return int(supervisor_mb > MAX_SUPERVISOR_MB or worker_mb > MAX_WORKER_MB)


if __name__ == "__main__":
    sys.exit(main())
