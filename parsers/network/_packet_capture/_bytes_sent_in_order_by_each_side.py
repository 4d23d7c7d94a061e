"""All that one side of a conversation sent, in order: of TCP put together by sequence numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ._captured_packets import IntArray
from ._conversations import FlowTable
from ._ip_headers import SYN, TCP

#: Sequence numbers count modulo twice this.
_HALF = 1 << 31


@dataclass(frozen=True, eq=False)
class StreamSentByOneSide:
    """Bytes that one side sent without a gap between them, and the packets that carry them."""

    data: bytes
    #: Of each packet, in the order of its bytes: its first byte in ``data``, shape ``(n,)``.
    starts: IntArray
    #: Its first byte in the capture.
    offsets: IntArray
    #: Its number in the capture.
    packets: IntArray

    def capture_spans_of_bytes(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield where some of the bytes stand: offset in the capture, begin and end here."""
        row = int(np.searchsorted(self.starts, start, "right")) - 1
        while start < end:
            is_last = row + 1 >= len(self.starts)
            stop = end if is_last else min(end, int(self.starts[row + 1]))
            yield int(self.offsets[row]) + start - int(self.starts[row]), start, stop
            start, row = stop, row + 1

    def packets_between(self, start: int, end: int) -> list[int]:
        """Return the packets that carry some of the bytes."""
        first = int(np.searchsorted(self.starts, start, "right")) - 1
        last = int(np.searchsorted(self.starts, end, "left"))
        return [int(packet) for packet in self.packets[first:last]]

    def packet_completing_byte(self, start: int) -> int:
        """Return the packet with which a byte and all before it had come."""
        return int(self._delivering_packets[int(np.searchsorted(self.starts, start, "right")) - 1])

    @cached_property
    def _delivering_packets(self) -> IntArray:
        return np.maximum.accumulate(self.packets)


def streams_sent_by_side_of_conversation(
    flows: FlowTable, flow: int, *, from_device: bool
) -> list[StreamSentByOneSide]:
    """Return what one side of a conversation sent: one stream, or several with gaps between.

    Args:
        flows: The conversations.
        flow: The number of one.
        from_device: Whether the side is the device's.
    """
    table = flows.packets_table
    rows = slice(int(flows.bounds[flow]), int(flows.bounds[flow + 1]))
    packets = flows.order[rows][flows.sent_by_device_mask[rows] == from_device]
    packets = packets[table.payload_size[packets] > 0]
    if not len(packets):
        return []
    if int(flows.ip_protocol_numbers[flow]) != TCP:
        sizes = table.captured_payload_size[packets].astype(np.int64)
        is_cut = sizes < table.payload_size[packets]
        kept = [(int(packet), 0, int(size)) for packet, size in zip(packets, sizes, strict=True)]
        return list(_streams_between_gaps(flows, kept, is_cut.tolist()))
    numbers = table.sequence[packets].astype(np.int64) + (table.flags[packets] & SYN != 0)
    steps = (np.diff(numbers, prepend=numbers[:1]) + _HALF) % (2 * _HALF) - _HALF
    positions = np.cumsum(steps)
    kept, end = [], int(positions.min())
    gaps: list[bool] = []
    for row in np.lexsort((-table.payload_size[packets], positions)).tolist():
        packet, position = int(packets[row]), int(positions[row])
        skipped = max(0, end - position)
        held = int(table.captured_payload_size[packet])
        if position > end and gaps:
            gaps[-1] = True
        if skipped < held:
            kept.append((packet, skipped, held - skipped))
            gaps.append(False)
            end = position + held
    return list(_streams_between_gaps(flows, kept, gaps))


def _streams_between_gaps(
    flows: FlowTable, kept: list[tuple[int, int, int]], gap_follows: list[bool]
) -> Iterator[StreamSentByOneSide]:
    """Yield a stream for each run of packets: number, first byte of its payload, and bytes."""
    begin = 0
    for row, ends in enumerate(gap_follows, 1):
        if not ends and row < len(kept):
            continue
        run, begin = kept[begin:row], row
        packets, firsts, sizes = np.array(run, np.int64).T
        offsets = flows.packets_table.payload_offset[packets] + firsts
        data = b"".join(
            flows.capture.read_bytes(offset, size)
            for offset, size in zip(offsets.tolist(), sizes.tolist(), strict=True)
        )
        yield StreamSentByOneSide(data, np.cumsum(sizes) - sizes, offsets, packets)
