"""The packets of a capture file: where each lies, when it was seen, and what carried it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._byte_coverage import CoverageSpan
from ..._file_content import READ_SIZE, Content
from ..._model import Issue
from ..._record_layout import Array, ByteArray, Layout

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

#: Packets worked on at a time: few enough for memory to stay flat.
PACKETS_PER_BLOCK = 1 << 14
#: Bytes first looked at behind damage; after so many damaged places a file is left.
_NEAR, MAX_GAPS = 4096, 10_000
#: Each look at some bytes maps others around them; after so many they are given back.
_LOOKS = 64
#: A packet without a time.
NO_TIME = np.iinfo(np.int64).min
#: A longer packet is damage (the bound of libpcap and of Wireshark).
MAX_PACKET_SIZE = 262_144
#: Times after this year are damage, nanoseconds since 1970.
LATEST_TIME_NS = 4_102_444_800 * 10**9


def _none_as_app_of_packet(packet: int) -> None:
    """Return no app: the file names none."""
    del packet


@dataclass(frozen=True, slots=True)
class CaptureInterface:
    """What packets were captured from."""

    #: Number of the link type (tcpdump.org/linktypes.html).
    link_type: int
    #: Bytes captured of a packet; ``None``: all.
    snap_length: int | None
    #: Ticks of its clock in a second, in words.
    resolution: str
    offset: int
    name: str | None = None
    description: str | None = None


@dataclass(eq=False, slots=True)
class CapturedPackets:
    """All packets of a file, in file order."""

    content: Content
    interfaces: tuple[CaptureInterface, ...]
    #: First byte of each packet's record, shape ``(n,)``; the other columns likewise.
    offsets: IntArray
    #: Byte after each record.
    record_ends: IntArray
    #: First byte of the packet itself.
    packet_offsets: IntArray
    #: Bytes of it that the file holds.
    captured_sizes: npt.NDArray[np.int32]
    #: Bytes it had on the wire.
    wire_sizes: npt.NDArray[np.int64]
    #: UTC in nanoseconds since 1970, or ``NO_TIME``.
    times: IntArray
    #: Index into ``interfaces``.
    interface_indexes: npt.NDArray[np.int32]
    version: str
    #: Spans that are no packets: headers, other blocks, gaps.
    other_spans: tuple[CoverageSpan, ...] = ()
    issues: tuple[Issue, ...] = ()
    #: Address -> name, as a name resolution block states it, and where.
    host_names: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    #: Packet -> the app that sent or received it, where the file names it.
    app_of: Callable[[int], str | None] = _none_as_app_of_packet
    #: Rows of other kinds of record, by name.
    other_records: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    #: How often bytes were read.
    read_count: int = 0

    def __len__(self) -> int:
        """Return the number of packets."""
        return len(self.offsets)

    @property
    def array(self) -> ByteArray:
        """All bytes of the file."""
        return self.content.array

    def read_bytes(self, start: int, size: int) -> bytes:
        """Return a copy of some bytes of the file."""
        self.read_count += 1
        if self.read_count % _LOOKS == 0:
            self.content.release_pages()
        return self.content.data[start : start + size]


def each_value_and_its_row_indexes(
    numbers: npt.NDArray[np.integer[Any]],
) -> Iterator[tuple[int, IntArray]]:
    """Yield each number that occurs and the rows that have it, rising: in one pass for all."""
    order = np.argsort(numbers, kind="stable")
    if not len(order):
        return
    firsts = np.flatnonzero(np.append(True, np.diff(numbers[order]) != 0))
    groups = np.split(order, firsts[1:])
    yield from zip(numbers[order][firsts].tolist(), groups, strict=True)


def read_numbers_at_offsets(array: ByteArray, offsets: IntArray, wire: str) -> Array:
    """Return the number that stands at each place, shape ``(len(at),)``.

    A place beyond the file gives the last number of it: callers compare with the
    end of the packet, and leave out what lies behind.
    """
    size = np.dtype(wire).itemsize
    if len(array) < size:
        return np.zeros(len(offsets), wire)
    # One number at every byte, overlapping: each is picked without a copy of its packet.
    overlapping = np.ndarray((len(array) - size + 1,), wire, array, strides=(1,))
    return np.asarray(overlapping[np.minimum(offsets, len(array) - size)])


def read_numbers_at_distances(
    content: Content, offsets: IntArray, distances: Sequence[int], wire: str
) -> npt.NDArray[np.int64]:
    """Return the numbers that stand at some distances behind each place, one row a distance.

    Memory of the file is given back on the way.
    """
    columns = np.zeros((len(distances), len(offsets)), np.int64)
    for first in range(0, len(offsets), PACKETS_PER_BLOCK):
        rows = slice(first, first + PACKETS_PER_BLOCK)
        for row, distance in enumerate(distances):
            columns[row, rows] = read_numbers_at_offsets(
                content.array, offsets[rows] + distance, wire
            )
        content.release_pages()
    return columns


def read_u32_fields(
    content: Content, offsets: IntArray, layout: Layout, order: str
) -> npt.NDArray[np.int64]:
    """Return the fields of records that are all 32-bit numbers, one row a field."""
    return read_numbers_at_distances(
        content, offsets, [row.offset for row in layout.fields], f"{order}u4"
    )


def record_search_windows(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where to look for the next record after damage: near first, then further at a time."""
    size = _NEAR
    while start < end:
        yield start, min(start + size, end)
        start += size
        size = min(2 * size, READ_SIZE)


def times_with_implausible_ones_blanked(times: IntArray) -> IntArray:
    """Return times without implausible ones, which become ``NO_TIME``."""
    return np.where((times > 0) & (times < LATEST_TIME_NS), times, NO_TIME)
