"""Telemetry log: the audit tables of a long log, every checksum checked, against pymavlink.

``python benchmarks/tlog.py LOG [--megabytes 110]`` makes a long log of a real
one by repeating its frames with later times, then lets each reader read it in a
process of its own, and prints seconds by the clock and of the CPU (which other work
on the machine disturbs less), ratios and peak memory.  pymavlink is measured twice:
its log file reader, and its parser alone on frames that are cut for it.
fasttlogparser takes part where it is installed.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))


def lengthen(log: Path, size: int, out: Path) -> None:
    """Write a log of at least ``size`` bytes: a real one again and again, each time later."""
    import numpy as np

    from parsers.mavlink.tlog._frame_times import FrameTimes
    from parsers.mavlink.tlog._index import index_frames

    array = np.fromfile(log, np.uint8)
    found = index_frames(array, 8)
    stamps = FrameTimes(found).station_us(np.arange(len(found)))
    period = int(stamps.max() - stamps.min()) + 100_000
    with out.open("wb") as file:
        copies = 0
        while file.tell() < size:
            later = (stamps + copies * period).astype(">u8").view(np.uint8).reshape(-1, 8)
            array[found.starts[:, None] + np.arange(8)] = later
            file.write(array.tobytes())
            copies += 1


def ours(path: str) -> int:
    """Read the audit tables, with the checksum of every frame and SHA-256 of every byte."""
    from parsers import open_content
    from parsers.mavlink.tlog import FORMAT

    log = FORMAT.read(open_content(Path(path)), ())
    return sum(log.record_counts.values())


def ours_all(path: str) -> int:
    """Read the audit tables and decode every field of every message."""
    from parsers import open_content
    from parsers.mavlink.tlog import FORMAT

    log = FORMAT.read(open_content(Path(path)), ())
    return sum(len(log.records(name)) for name in log.record_counts)


def pymavlink_reader(path: str) -> int:
    """Read every message in file order with pymavlink's reader of log files."""
    from pymavlink import mavutil

    reader = mavutil.mavlogfile(path)
    count = 0
    while reader.recv_msg() is not None:
        count += 1
    return count


def pymavlink_parser(path: str) -> int:
    """Decode every frame with pymavlink's parser, which is given whole frames."""
    from pymavlink.dialects.v20 import all as dialect

    data = Path(path).read_bytes()
    parser = dialect.MAVLink(None)
    at = count = 0
    while at + 16 < len(data):
        two = data[at + 8] == 0xFD
        size = data[at + 9] + (12 + 13 * (data[at + 10] & 1) if two else 8)
        # A frame of another dialect fails its checksum there.
        with suppress(dialect.MAVError):
            parser.decode(bytearray(data[at + 8 : at + 8 + size]))
            count += 1
        at += 8 + size
    return count


def fasttlogparser(path: str) -> int:
    """Read every message into columns."""
    import fasttlogparser as peer  # type: ignore[import-not-found, import-untyped, unused-ignore]  # seldom here

    messages, _ = peer.parseTLog(path)
    return sum(len(next(iter(columns.values()))) for columns in messages.values())


READERS: dict[str, Callable[[str], int]] = {
    "dji-audit tables": ours,
    "dji-audit all fields": ours_all,
    "fasttlogparser": fasttlogparser,
    "pymavlink parser": pymavlink_parser,
    "pymavlink mavlogfile": pymavlink_reader,
}


def measure(reader: str, path: str) -> None:
    """Print what one reader needs, in this process, without its imports."""
    import importlib

    modules = ["parsers.mavlink.tlog"]
    if reader.startswith("pymavlink"):
        modules = ["pymavlink.dialects.v20.all", "pymavlink.mavutil"]
    for module in modules:
        importlib.import_module(module)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start, cpu = time.perf_counter(), time.process_time()
    count = READERS[reader](path)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = {"seconds": seconds, "cpu": cpu, "messages": count}
    sys.stdout.write(json.dumps(used | {"peak_kb": peak, "before_kb": before}))


def compare(log: Path, megabytes: int, runs: int) -> None:
    """Print a table of all readers on one long log."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.tlog"
        lengthen(log, megabytes * 1_000_000, path)
        size = path.stat().st_size / 1e6
        sys.stdout.write(f"{log.name}: {size:.1f} MB\n")
        base: dict[str, float] = {}
        for reader in READERS:
            found = []
            for _ in range(1 if reader.startswith("pymavlink") else runs):
                command = [sys.executable, __file__, "--measure", reader, str(path)]
                done = subprocess.run(command, capture_output=True, check=False, text=True)
                if done.returncode:
                    break
                found.append(json.loads(done.stdout.splitlines()[-1]))
            if not found:
                sys.stdout.write(f"  {reader:22} not here, or failed\n")
                continue
            best = min(found, key=lambda one: float(one["seconds"]))
            base = base or best
            over = best["peak_kb"] * 1.024e-3 - size
            sys.stdout.write(
                f"  {reader:22} {best['seconds']:7.2f} s (CPU {best['cpu']:5.2f})"
                f" {size / best['seconds']:7.1f} MB/s"
                f" {best['messages']:>9} messages, peak {over:5.0f} MB over the file's size,"
                f" {best['seconds'] / base['seconds']:6.1f} times ours"
                f" (CPU {best['cpu'] / base['cpu']:.1f})\n"
            )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, help="a real telemetry log without damage")
    parser.add_argument("--megabytes", type=int, default=110)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, str(chosen.log))
    else:
        compare(chosen.log, chosen.megabytes, chosen.runs)


if __name__ == "__main__":
    main()
