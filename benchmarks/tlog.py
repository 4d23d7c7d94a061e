"""Telemetry log: the audit tables of a long log, every checksum checked, against pymavlink.

``python benchmarks/tlog.py LOG [--megabytes 110]`` makes a long log of a real
one by repeating its frames with later times, then lets each reader read it in a
process of its own, and prints seconds by the clock and of the CPU (which other work
on the machine disturbs less), ratios and peak memory.  pymavlink is measured twice:
its log file reader, and its parser alone on frames that are cut for it.
fasttlogparser takes part where it is installed.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks._long_log import LongLogBenchmark, count_messages, ours, ours_all  # noqa: E402 - found from here


def lengthen(log: Path, size: int, out: Path) -> None:
    """Write a log of at least ``size`` bytes: a real one again and again, each time later."""
    import numpy as np

    from parsers.mavlink.tlog._frame_times import TimesOfTlogFrames
    from parsers.mavlink.tlog._index_frames import index_frames

    array = np.fromfile(log, np.uint8)
    found = index_frames(array, 8)
    stamps = TimesOfTlogFrames(found).station_timestamps_us(np.arange(len(found)))
    period = int(stamps.max() - stamps.min()) + 100_000
    with out.open("wb") as file:
        copies = 0
        while file.tell() < size:
            later = (stamps + copies * period).astype(">u8").view(np.uint8).reshape(-1, 8)
            array[found.starts[:, None] + np.arange(8)] = later
            file.write(array.tobytes())
            copies += 1


def pymavlink_reader(path: str) -> int:
    """Read every message in file order with pymavlink's reader of log files."""
    from pymavlink import mavutil

    return count_messages(mavutil.mavlogfile(path))


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
    "dji-audit tables": ours("parsers.mavlink.tlog"),
    "dji-audit all fields": ours_all("parsers.mavlink.tlog"),
    "fasttlogparser": fasttlogparser,
    "pymavlink parser": pymavlink_parser,
    "pymavlink mavlogfile": pymavlink_reader,
}


def _modules(reader: str) -> tuple[str, ...]:
    if reader.startswith("pymavlink"):
        return "pymavlink.dialects.v20.all", "pymavlink.mavutil"
    return ("parsers.mavlink.tlog",)


BENCHMARK = LongLogBenchmark(
    script=__file__,
    description=__doc__,
    suffix=".tlog",
    megabytes=110,
    lengthen=lengthen,
    readers=READERS,
    modules=_modules,
    most_runs={"pymavlink parser": 1, "pymavlink mavlogfile": 1},
)

if __name__ == "__main__":
    BENCHMARK.main()
