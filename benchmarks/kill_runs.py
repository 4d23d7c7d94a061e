"""Kill runs and their workers at random instants, and fill their disk: the results do not change.

    python benchmarks/kill_runs.py [--files 500] [--kills 50] [--seed 1] [--jobs 2] [--part PART]

Each time the same command is given again until it ends in peace, and every file of its output is
compared byte for byte with that of a run that nobody disturbed: pages, index, tables, report.  Of
the state the rows of the ledger are compared and not its bytes, which SQLite orders as it likes.
The full disk is a small file system in memory where one can be mounted (as root, on Linux);
elsewhere no file may become longer than a limit (RLIMIT_FSIZE).
"""

import argparse
import hashlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks._audit_processes import (
    AUDIT_PROGRAM,
    WITHOUT_STORES,
    child_processes,
    is_worker_process,
)
from benchmarks._fleet_logs import SYNTHETIC, later_text

ROOT = Path(__file__).parents[1]
#: One file in so many is a flight; the others are logs that belong to none.
_FLIGHT_EVERY = 6
_CUES = 12
#: Megabytes of the small file system, and bytes of a file where none can be mounted.
_SMALL_DISK_MB, _SMALL_FILE = 2, 20_000
_DONE = (0, 1, 4)


def write_small_fleet(folder: Path, count: int) -> None:
    """Write short logs, each at another time: subtitles of a flight, and marks of photos."""
    folder.mkdir()
    subtitles = next(SYNTHETIC.glob("*_D.SRT")).read_text("utf-8").split("\n\n")[:_CUES]
    marks = next(SYNTHETIC.glob("*.MRK"))
    for number in range(count):
        shift_ms = number * 3_600_000
        if number % _FLIGHT_EVERY == 0:
            text, name = "\n\n".join(subtitles) + "\n\n", f"DJI_{number:05d}.SRT"
            text = later_text(text, shift_ms)
        else:
            text, name = marks.read_text("utf-8"), f"{number:05d}_{marks.name}"
            text = text.replace("1", str(number % 10), number % 7) + "\n" * (number % 5)
        (folder / name).write_text(text, "utf-8")


def _require(holds: bool, what_went_wrong: str) -> None:
    if not holds:
        raise SystemExit(f"FAILED: {what_went_wrong}")


class Bench:
    """One fleet, what a run over it gives, and how a run is started."""

    def __init__(self, folder: Path, files: int, jobs: int) -> None:
        """Write the fleet, and run once in peace."""
        self.folder, self._jobs = folder, jobs
        self.evidence = folder / "evidence"
        write_small_fleet(self.evidence, files)
        began = time.monotonic()
        _require(self.start("clean").wait() in _DONE, "the clean run failed")
        self.seconds = time.monotonic() - began
        self.bytes = _hashes(folder / "clean-out")
        self.rows = _ledger_rows(folder / "clean")

    def start(
        self, name: str, state: Path | None = None, prepare: Callable[[], None] | None = None
    ) -> "subprocess.Popen[bytes]":
        """Start a run with a state and an output of their own."""
        command = [
            sys.executable, "-c", AUDIT_PROGRAM, "audit", str(self.evidence), "--quiet",
            "--state", str(state or self.folder / name), "-o", str(self.folder / f"{name}-out"),
            "--jobs", str(self._jobs),
        ]  # fmt: skip
        environment = os.environ | {
            **WITHOUT_STORES,
            "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, env=environment, preexec_fn=prepare
            )

    def check(self, name: str, state: Path | None = None) -> None:
        """Run in peace, and compare everything."""
        code = self.start(name, state).wait()
        _require(code in _DONE, f"{name}: exit {code}")
        found = _hashes(self.folder / f"{name}-out")
        names = self.bytes.keys() | found.keys()
        other = sorted(it for it in names if self.bytes.get(it) != found.get(it))
        _require(not other, f"{name}: differ: {other[:5]}")
        _require(_ledger_rows(state or self.folder / name) == self.rows, f"{name}: other rows")


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _ledger_rows(state: Path) -> list[tuple[object, ...]]:
    """Return what the last run found of each file."""
    with sqlite3.connect(state / "ledger.sqlite") as ledger:
        return ledger.execute(
            "SELECT name, status, reason, size, sha256 FROM files"
            " WHERE run = (SELECT max(number) FROM runs) ORDER BY name"
        ).fetchall()


def kill_parents(bench: Bench, kills: int, chance: random.Random) -> str:
    """Kill the run itself, again and again; one that ends in peace begins anew."""
    done, ended, name = 0, 0, "parent-0"
    while done < kills:
        process = bench.start(name)
        try:
            process.wait(chance.uniform(0.02, 0.6) * bench.seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done += 1
            continue
        ended += 1
        bench.check(name)
        name = f"parent-{ended}"
    bench.check(name)
    return f"{done} x kill -9 of the run, {ended + 1} results compared: all equal"


def kill_workers(bench: Bench, kills: int, chance: random.Random) -> str:
    """Kill workers while a run goes on, from their first instant on."""
    done, ended = 0, 0
    while done < kills:
        name = f"worker-{ended}"
        process = bench.start(name)
        until = time.monotonic() + chance.uniform(0.2, 1.0)
        while process.poll() is None and done < kills:
            workers = [it for it in child_processes(process.pid) if is_worker_process(it)]
            if workers and time.monotonic() >= until:
                try:
                    os.kill(chance.choice(workers), signal.SIGKILL)
                    done += 1
                except ProcessLookupError:
                    pass
                until = time.monotonic() + chance.uniform(0.01, 0.25) * bench.seconds
            time.sleep(0.01)
        code = process.wait()
        told = (bench.folder / f"{name}.log").read_text("utf-8", "replace")[-1500:]
        _require(code in _DONE, f"{name}: the run died of a worker: {code}\n{told}")
        ended += 1
        bench.check(name)
    return f"{done} x kill -9 of a worker in {ended} runs, none died, {ended} results equal"


def fill_disk(bench: Bench) -> str:
    """Let a run meet a full disk, make room, and give the same command again."""
    disk = bench.folder / "disk"
    disk.mkdir()
    options = f"size={_SMALL_DISK_MB}m"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        limit = (_SMALL_FILE, _SMALL_FILE)
        run = bench.start("disk", prepare=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit))
        code = run.wait()
        _require(code == 2, f"files too long: exit {code}")
        bench.check("disk")
        return f"files of at most {_SMALL_FILE:,} bytes (RLIMIT_FSIZE): exit 2, then equal"
    try:
        state = disk / "state"
        code = bench.start("disk", state).wait()
        _require(code == 2, f"full disk: exit {code}")
        used = shutil.disk_usage(disk)
        subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
        bench.check("disk", state)
    finally:
        # A worker that is just ending may still hold a file.
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
    return f"a disk of {used.total >> 20} MB full: exit 2, then room, the same command, equal"


def main() -> int:
    """Run everything; an assertion says what went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--part", choices=("all", "disk", "workers", "parents"), default="all")
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)  # noqa: S311 - no secret
    with tempfile.TemporaryDirectory(prefix="kill-runs-") as folder:
        bench = Bench(Path(folder), chosen.files, chosen.jobs)
        print(f"clean run over {chosen.files} files: {bench.seconds:.1f} s", flush=True)
        if chosen.part in ("all", "disk"):
            print(fill_disk(bench), flush=True)
        if chosen.part in ("all", "workers"):
            print(kill_workers(bench, chosen.kills, chance), flush=True)
        if chosen.part in ("all", "parents"):
            print(kill_parents(bench, chosen.kills, chance), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
