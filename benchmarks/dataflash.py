"""DataFlash: the audit tables of a long log, against pymavlink and mavparser.

``python benchmarks/dataflash.py LOG [--megabytes 130]`` makes a long log of a
real one by repeating its messages with shifted time, then lets each reader
read it in a process of its own, and prints seconds by the clock and of the CPU
(which other work on the machine disturbs less), ratios and peak memory.
pymavlink reads it in file order, as one must to see every message.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

#: Written once, at the beginning of a log.
HEADERS = ("FMT", "FMTU", "UNIT", "MULT", "PARM", "MSG", "FILE", "VER")
WEEK_MS = 604_800_000


def lengthen(log: Path, size: int, out: Path) -> None:
    """Write a log of at least ``size`` bytes: a real one, then its messages again and again."""
    import numpy as np

    from parsers.mavlink._shared._framing import gather_bytes
    from parsers.mavlink.dataflash._binary_index import index_binary

    array = np.fromfile(log, np.uint8)
    messages = index_binary(array).messages
    body = np.zeros(len(array), bool)
    first, last = np.inf, 0.0
    stamps, weeks = [], []
    for name, found in messages.items():
        if name in HEADERS or found.labels[:1] != ("TimeUS",):
            continue
        length = found.parts[0].definition.length
        # A mark for every byte of these messages.
        edges = np.zeros(len(array) + 1, np.int8)
        np.add.at(edges, found.offsets, 1)
        np.add.at(edges, found.offsets + length, -1)
        body |= np.cumsum(edges[:-1], dtype=np.int8) > 0
        times = found.numbers("TimeUS")
        first, last = min(first, times.min()), max(last, times.max())
        stamps.append(found.offsets + 3)
        if "GMS" in found.labels:
            fields = found.parts[0].definition.dtype.fields
            weeks.append(found.offsets + (fields["GMS"][1] if fields else 0))
    moved = np.cumsum(body) - 1
    period = int(last - first) // 1000 * 1000 + 1000
    piece = array[body]
    stamp_at, week_at = moved[np.concatenate(stamps)], moved[np.concatenate(weeks)]
    us = gather_bytes(piece, stamp_at, 8).view("<u8")[:, 0]
    ms = gather_bytes(piece, week_at, 4).view("<u4")[:, 0]
    with out.open("wb") as file:
        file.write(array.tobytes())
        copies = 0
        while file.tell() < size:
            copies += 1
            shifted = us + np.uint64(copies * period)
            piece[stamp_at[:, None] + np.arange(8)] = shifted.view(np.uint8).reshape(-1, 8)
            later = ((ms + copies * period // 1000) % WEEK_MS).astype("<u4")
            piece[week_at[:, None] + np.arange(4)] = later.view(np.uint8).reshape(-1, 4)
            file.write(piece.tobytes())


def ours(path: str) -> int:
    """Read the audit tables, with SHA-256 of every byte."""
    from parsers import open_content
    from parsers.mavlink.dataflash import FORMAT

    log = FORMAT.read(open_content(Path(path)), ())
    return sum(log.record_counts.values())


def ours_all(path: str) -> int:
    """Read the audit tables and decode every field of every message."""
    from parsers import open_content
    from parsers.mavlink.dataflash import FORMAT

    log = FORMAT.read(open_content(Path(path)), ())
    return sum(len(log.records(name)) for name in log.record_counts)


def pymavlink(path: str) -> int:
    """Read every message in file order."""
    from pymavlink import DFReader

    reader = DFReader.DFReader_binary(path)
    count = 0
    while reader.recv_msg() is not None:
        count += 1
    return count


def mavparser(path: str) -> int:
    """Iterate over every message."""
    import importlib

    peer = importlib.import_module("mavparser")
    return sum(1 for _ in peer.parse(path, mode="iterator"))


READERS: dict[str, Callable[[str], int]] = {
    "dji-audit tables": ours,
    "dji-audit all fields": ours_all,
    "mavparser iterator": mavparser,
    "pymavlink DFReader": pymavlink,
}


def measure(reader: str, path: str) -> None:
    """Print what one reader needs, in this process, without its imports."""
    import importlib

    for module in ("parsers.mavlink.dataflash", "pymavlink.DFReader"):
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
        path = Path(folder) / "long.bin"
        lengthen(log, megabytes * 1_000_000, path)
        size = path.stat().st_size / 1e6
        sys.stdout.write(f"{log.name}: {size:.1f} MB\n")
        base: dict[str, float] = {}
        for reader in READERS:
            found = []
            for _ in range(min(runs, 2) if reader == "pymavlink DFReader" else runs):
                command = [sys.executable, __file__, "--measure", reader, str(path)]
                done = subprocess.run(command, capture_output=True, check=False, text=True)
                if done.returncode:
                    break
                found.append(json.loads(done.stdout.splitlines()[-1]))
            if not found:
                sys.stdout.write(f"  {reader:24} not here, or failed\n")
                continue
            best = min(found, key=lambda one: float(one["seconds"]))
            base = base or best
            sys.stdout.write(
                f"  {reader:24} {best['seconds']:8.2f} s (CPU {best['cpu']:5.2f})"
                f" {size / best['seconds']:8.1f} MB/s"
                f" {best['messages']:>9} messages, peak {best['peak_kb'] / 1e3:6.0f} MB"
                f" ({best['before_kb'] / 1e3:.0f} MB before),"
                f" {best['seconds'] / base['seconds']:6.1f} times ours"
                f" (CPU {best['cpu'] / base['cpu']:.1f})\n"
            )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path, help="a real DataFlash log")
    parser.add_argument("--megabytes", type=int, default=130)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(chosen.measure, str(chosen.log))
    else:
        compare(chosen.log, chosen.megabytes, chosen.runs)


if __name__ == "__main__":
    main()
