"""DataFlash: the audit tables of a long log, against pymavlink and mavparser.

``python benchmarks/dataflash.py LOG [--megabytes 130]`` makes a long log of a
real one by repeating its messages with shifted time, then lets each reader
read it in a process of its own, and prints seconds by the clock and of the CPU
(which other work on the machine disturbs less), ratios and peak memory.
pymavlink reads it in file order, as one must to see every message.
"""

import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks._long_log import LongLogBenchmark, count_messages, ours, ours_all  # noqa: E402 - found from here

#: Written once, at the beginning of a log.
HEADERS = ("FMT", "FMTU", "UNIT", "MULT", "PARM", "MSG", "FILE", "VER")
WEEK_MS = 604_800_000


def lengthen(log: Path, size: int, out: Path) -> None:
    """Write a log of at least ``size`` bytes: a real one, then its messages again and again."""
    import numpy as np

    from parsers.mavlink._shared._record_framing import bytes_at_offsets
    from parsers.mavlink.dataflash._index_binary_log import index_binary

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
        times = found.numbers_of_field("TimeUS")
        first, last = min(first, times.min()), max(last, times.max())
        stamps.append(found.offsets + 3)
        if "GMS" in found.labels:
            fields = found.parts[0].definition.dtype.fields
            weeks.append(found.offsets + (fields["GMS"][1] if fields else 0))
    moved = np.cumsum(body) - 1
    period = int(last - first) // 1000 * 1000 + 1000
    piece = array[body]
    stamp_at, week_at = moved[np.concatenate(stamps)], moved[np.concatenate(weeks)]
    us = bytes_at_offsets(piece, stamp_at, 8).view("<u8")[:, 0]
    ms = bytes_at_offsets(piece, week_at, 4).view("<u4")[:, 0]
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


def pymavlink(path: str) -> int:
    """Read every message in file order."""
    from pymavlink import DFReader

    return count_messages(DFReader.DFReader_binary(path))


def mavparser(path: str) -> int:
    """Iterate over every message."""
    import importlib

    peer = importlib.import_module("mavparser")
    return sum(1 for _ in peer.parse(path, mode="iterator"))


READERS: dict[str, Callable[[str], int]] = {
    "dji-audit tables": ours("parsers.mavlink.dataflash"),
    "dji-audit all fields": ours_all("parsers.mavlink.dataflash"),
    "mavparser iterator": mavparser,
    "pymavlink DFReader": pymavlink,
}


BENCHMARK = LongLogBenchmark(
    script=__file__,
    description=__doc__,
    lengthen=lengthen,
    suffix=".bin",
    readers=READERS,
    modules=lambda reader: ("parsers.mavlink.dataflash", "pymavlink.DFReader"),
    most_runs={"pymavlink DFReader": 2},
    megabytes=130,
)

if __name__ == "__main__":
    BENCHMARK.main()
