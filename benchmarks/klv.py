"""KLV: the audit tables of a long transport stream, against stanag4609.

``python benchmarks/klv.py sample_logs/other_aircraft/helicopter.ts [--megabytes 100]`` makes a long
stream of the sample's local sets, each with video behind it as at 1 Mbit/s and 30 local sets a
second, then lets each reader read it in a process of its own, and prints seconds by the clock and
of the CPU, ratios and peak memory.
"""

import struct
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks._long_log import LongLogBenchmark, ours, ours_all  # noqa: E402 - found from here

VIDEO_PACKETS = 22
STEP_US = 33_333


def lengthen(log: Path, size: int, out: Path) -> None:
    """Write a stream of at least ``size`` bytes; ``log`` is the sample, which names the writer."""
    from sample_logs import klv

    if log.name != klv.NAME:
        raise SystemExit(f"give {klv.NAME} of sample_logs")
    items = [klv.items(number) for number in range(klv.COUNT)]
    picture = b"\0\0\1\xe0\0\0\x80\0\0" + bytes(VIDEO_PACKETS * (klv.PACKET - 4) - 9)
    counters = {0: 0, klv.TABLE_PID: 0, klv.VIDEO_PID: 0, klv.KLV_PID: 0}
    number = 0
    with out.open("wb") as file:
        while file.tell() < size:
            time_us = klv.START_MS * 1000 + number * STEP_US
            one = klv.local_set(items[number % len(items)] | {2: struct.pack(">Q", time_us)})
            head = b"\0\0\1\xbd" + struct.pack(">H", len(one) + 3) + b"\x84\x00\x00"
            units = [(head + one, klv.KLV_PID), (picture, klv.VIDEO_PID)]
            if number % 15 == 0:
                tables = (klv.association_table(), 0), (klv.map_table(False), klv.TABLE_PID)
                units = [*((b"\0" + table, pid) for table, pid in tables), *units]
            for unit, pid in units:
                file.write(b"".join(klv.packets_of_unit(unit, pid, counters)))
            number += 1


def stanag4609_reader(path: str) -> int:
    """Decode every local set of the stream; return their number."""
    from stanag4609.transport.demux import PESStreamEvent, StreamKind, TransportDemuxer
    from stanag4609.transport.metadata_stream import MetadataStreamDecoder

    demuxer, decoder = TransportDemuxer(), MetadataStreamDecoder()
    count = 0
    with Path(path).open("rb") as file:
        while block := file.read(1 << 16):
            for event in demuxer.feed(block):
                if isinstance(event, PESStreamEvent) and event.kind is StreamKind.KLV:
                    count += len(decoder.feed(event))
    return count


READERS: dict[str, Callable[[str], int]] = {
    "dji-audit tables": ours("parsers.klv.mpeg_ts"),
    "dji-audit all fields": ours_all("parsers.klv.mpeg_ts"),
    "stanag4609": stanag4609_reader,
}


def _modules(reader: str) -> tuple[str, ...]:
    return ("stanag4609.transport",) if reader == "stanag4609" else ("parsers.klv.mpeg_ts",)


BENCHMARK = LongLogBenchmark(
    script=__file__,
    description=__doc__,
    suffix=".ts",
    megabytes=100,
    lengthen=lengthen,
    readers=READERS,
    modules=_modules,
    most_runs={"dji-audit tables": 2, "dji-audit all fields": 1, "stanag4609": 1},
)

if __name__ == "__main__":
    BENCHMARK.main()
