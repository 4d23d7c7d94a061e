"""What the benchmarks of long MAVLink logs share: readers in processes of their own, one table."""

import argparse
import importlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def ours(module: str) -> Callable[[str], int]:
    """Return what reads the audit tables, with every check and SHA-256 of every byte."""

    def read(path: str) -> int:
        from parsers import open_content

        log = importlib.import_module(module).FORMAT.read(open_content(Path(path)), ())
        return sum(log.record_counts.values())

    return read


def ours_all(module: str) -> Callable[[str], int]:
    """Return what reads the audit tables and decodes every field of every message."""

    def read(path: str) -> int:
        from parsers import open_content

        log = importlib.import_module(module).FORMAT.read(open_content(Path(path)), ())
        return sum(len(log.records(name)) for name in log.record_counts)

    return read


def count_messages(reader: Any) -> int:
    """Return how many messages a log reader of pymavlink, which has no types, gives."""
    count = 0
    while reader.recv_msg() is not None:
        count += 1
    return count


@dataclass(frozen=True, slots=True)
class LongLogBenchmark:
    """Readers to compare on one long log that is made of a real one."""

    script: str
    description: str | None
    #: Writes a log of at least so many bytes.
    lengthen: Callable[[Path, int, Path], None]
    suffix: str
    #: Name of a reader -> what reads all messages of a path, and counts them.
    readers: Mapping[str, Callable[[str], int]]
    #: Modules to import before the clock starts, for a reader.
    modules: Callable[[str], Sequence[str]]
    #: Slow reader -> runs that are enough.
    most_runs: Mapping[str, int]
    megabytes: int

    def main(self) -> None:
        """Run from the command line."""
        parser = argparse.ArgumentParser(description=self.description)
        parser.add_argument("log", type=Path, help="a real log")
        parser.add_argument("--megabytes", type=int, default=self.megabytes)
        parser.add_argument("--runs", type=int, default=3)
        parser.add_argument("--measure", help=argparse.SUPPRESS)
        chosen = parser.parse_args()
        if chosen.measure:
            self._measure(chosen.measure, str(chosen.log))
        else:
            self._compare(chosen.log, chosen.megabytes, chosen.runs)

    def _measure(self, reader: str, path: str) -> None:
        """Print what one reader needs, in this process, without its imports."""
        for module in self.modules(reader):
            importlib.import_module(module)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, cpu = time.perf_counter(), time.process_time()
        count = self.readers[reader](path)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        used = {"seconds": seconds, "cpu": cpu, "messages": count}
        sys.stdout.write(json.dumps(used | {"peak_kb": peak, "before_kb": before}))

    def _compare(self, log: Path, megabytes: int, runs: int) -> None:
        """Print a table of all readers on one long log."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"long{self.suffix}"
            self.lengthen(log, megabytes * 1_000_000, path)
            size = path.stat().st_size / 1e6
            sys.stdout.write(f"{log.name}: {size:.1f} MB\n")
            base: dict[str, float] = {}
            for reader in self.readers:
                best = self._best(reader, path, min(runs, self.most_runs.get(reader, runs)))
                if best is None:
                    sys.stdout.write(f"  {reader:24} not here, or failed\n")
                    continue
                base = base or best
                sys.stdout.write(
                    f"  {reader:24} {best['seconds']:8.2f} s (CPU {best['cpu']:5.2f})"
                    f" {size / best['seconds']:8.1f} MB/s"
                    f" {best['messages']:>9} messages, peak {best['peak_kb'] / 1e3:6.0f} MB"
                    f" ({best['before_kb'] / 1e3:.0f} MB before,"
                    f" {best['peak_kb'] * 1.024e-3 - size:.0f} MB over the file's size),"
                    f" {best['seconds'] / base['seconds']:6.1f} times ours"
                    f" (CPU {best['cpu'] / base['cpu']:.1f})\n"
                )

    def _best(self, reader: str, path: Path, runs: int) -> dict[str, float] | None:
        """Return the fastest of some runs; ``None``: the reader is not installed, or failed."""
        figures: list[dict[str, float]] = []
        for _ in range(runs):
            command = [sys.executable, self.script, "--measure", reader, str(path)]
            done = subprocess.run(command, capture_output=True, check=False, text=True)
            if done.returncode:
                break
            figures.append(json.loads(done.stdout.splitlines()[-1]))
        return min(figures, key=lambda each: each["seconds"]) if figures else None
