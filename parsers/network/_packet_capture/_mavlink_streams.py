"""MAVLink in the conversations of a capture: streams as a ground station would have logged them.

Facts: the MAVLink guide (mavlink.io, "Serialization": the first byte is FE or FD, the second is the
length of the payload); ArduPilot's and QGroundControl's documentation of ports.  A conversation is
MAVLink by its bytes, on whatever port: frames that follow one another fill most of what a side
sends.  Checksums are the business of the format that reads the stream.

A frame gets the time of its packet before it, as a telemetry log has it: microseconds since 1970,
big-endian.  Conversations that share an address and port are one stream, since a ground station
that listens at one port logs all that it hears there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..._track_values._value_runs import sorted_distinct_integers
from ._bytes_sent_in_order_by_each_side import (
    StreamSentByOneSide,
    streams_sent_by_side_of_conversation,
)
from ._captured_packets import NO_TIME, BoolArray, CapturedPackets, read_numbers_at_offsets
from ._conversations import FlowTable
from ._embedded_stream import EmbeddedStream, EmbeddedStreamBuilder
from ._ip_headers import TCP, UDP

_START_BYTES = (0xFE, 0xFD)
_START = re.compile(rb"[\xfd\xfe]")
#: Bytes around a payload, by first byte; those of a signature.
_OVERHEAD_1, _OVERHEAD_2, _SIGNATURE = 8, 12, 13
#: Frames that prove a conversation, beside that they are most of it.
_LEAST_FRAMES = 3
#: Ports of TCP at which autopilots, simulators and routers listen: there packets need not begin
#: with a frame.
_TCP_PORTS = (5760, 5761, 5762, 5763, 5790, 14550)
#: Streams that are told apart; what is beyond is in the last of them.
_MOST_STREAMS = 64


@dataclass(frozen=True, slots=True)
class _MavlinkFrameOrOtherBytes:
    """A frame, or bytes between frames, of what a side sent."""

    stream: StreamSentByOneSide
    start: int
    end: int
    is_frame: bool


def extract_mavlink_streams(flows: FlowTable) -> list[EmbeddedStream]:
    """Return the streams of MAVLink in the conversations of a capture, each in order of time."""
    found = {
        flow: pieces
        for flow in np.flatnonzero(_possible_mavlink_flow_mask(flows)).tolist()
        if (pieces := _mavlink_frames_and_other_bytes_of_flow(flows, flow))
    }
    groups = _group_flows_by_shared_endpoint(flows, list(found))
    if len(groups) > _MOST_STREAMS:
        rest = [flow for group in groups[_MOST_STREAMS - 1 :] for flow in group]
        groups = [*groups[: _MOST_STREAMS - 1], rest]
    parts = []
    for number, group in enumerate(groups, 1):
        name = "mavlink" if len(groups) == 1 else f"mavlink-{number}"
        pieces = [piece for flow in group for piece in found[flow]]
        parts.append(_join_frames_to_embedded_stream(flows.capture, pieces, name))
    return parts


def _possible_mavlink_flow_mask(flows: FlowTable) -> BoolArray:
    """Return in which conversations packets begin with a frame that ends with it, or before one."""
    table = flows.packets_table
    prefix = table.payload_prefix[flows.order]
    first, length, flags = (
        (prefix >> np.uint64(shift) & np.uint64(0xFF)).astype(np.int64) for shift in (56, 48, 40)
    )
    is_second = (first == _START_BYTES[1]) & (flags <= 1)
    size = length + np.where(is_second, _OVERHEAD_2 + _SIGNATURE * (flags & 1), _OVERHEAD_1)
    starts = np.flatnonzero((first == _START_BYTES[0]) | is_second)
    packets, size = flows.order[starts], size[starts]
    room = table.payload_size[packets].astype(np.int64)
    follows = read_numbers_at_offsets(
        flows.capture.array, table.payload_offset[packets] + size, "u1"
    )
    fits = (size == room) | ((size < room) & np.isin(follows, _START_BYTES))
    counts = np.bincount(flows.flow_index_of_each_packet[starts[fits]], minlength=len(flows))
    is_tcp, is_udp = flows.ip_protocol_numbers == TCP, flows.ip_protocol_numbers == UDP
    at_port = np.isin(flows.device_and_remote_ports[0], _TCP_PORTS) | np.isin(
        flows.device_and_remote_ports[1], _TCP_PORTS
    )
    return np.asarray((is_udp & (counts > 0)) | (is_tcp & ((counts > 0) | at_port)))


def _mavlink_frames_and_other_bytes_of_flow(
    flows: FlowTable, flow: int
) -> list[_MavlinkFrameOrOtherBytes]:
    """Return what both sides sent; nothing where it is not MAVLink."""
    pieces: list[_MavlinkFrameOrOtherBytes] = []
    for from_device in (True, False):
        for stream in streams_sent_by_side_of_conversation(flows, flow, from_device=from_device):
            pieces += _iterate_frames_and_bytes_between_them(stream)
    sizes = [0, 0]
    for piece in pieces:
        sizes[piece.is_frame] += piece.end - piece.start
    frames = sum(piece.is_frame for piece in pieces)
    return pieces if frames >= _LEAST_FRAMES and sizes[True] > sizes[False] else []


def _iterate_frames_and_bytes_between_them(
    stream: StreamSentByOneSide,
) -> Iterator[_MavlinkFrameOrOtherBytes]:
    """Yield frames that end where a packet or the next frame begins, and what lies between."""
    data, at, junk = stream.data, 0, 0
    bounds = {*stream.starts.tolist(), len(data)}
    while at < len(data):
        end = at + _mavlink_frame_size(data, at)
        if end > at and (end in bounds or (end < len(data) and data[end] in _START_BYTES)):
            if junk < at:
                yield _MavlinkFrameOrOtherBytes(stream, junk, at, is_frame=False)
            yield _MavlinkFrameOrOtherBytes(stream, at, end, is_frame=True)
            at = junk = end
        else:
            following = _START.search(data, at + 1)
            at = following.start() if following else len(data)
    if junk < len(data):
        yield _MavlinkFrameOrOtherBytes(stream, junk, len(data), is_frame=False)


def _mavlink_frame_size(data: bytes, at: int) -> int:
    """Return the bytes of the frame that would begin at an offset; 0: none that is whole."""
    if at + _OVERHEAD_1 > len(data) or data[at] not in _START_BYTES:
        return 0
    size = data[at + 1] + _OVERHEAD_1
    if data[at] == _START_BYTES[1]:
        flags = data[at + 2]
        if flags > 1:
            return 0
        size = data[at + 1] + _OVERHEAD_2 + _SIGNATURE * flags
    return size if at + size <= len(data) else 0


def _group_flows_by_shared_endpoint(flows: FlowTable, chosen: Sequence[int]) -> list[list[int]]:
    """Return conversations in groups, those that share an address and port together."""
    leader = {flow: flow for flow in chosen}

    def leader_of(flow: int) -> int:
        while leader[flow] != flow:
            # Each step halves the way of the next.
            leader[flow] = leader[leader[flow]]
            flow = leader[flow]
        return flow

    first_at_end: dict[tuple[int, ...], int] = {}
    for flow in chosen:
        for end in _endpoint_addresses_and_ports(flows.endpoints[flow]):
            one, other = leader_of(first_at_end.setdefault(end, flow)), leader_of(flow)
            leader[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for flow in chosen:
        groups.setdefault(leader_of(flow), []).append(flow)
    return list(groups.values())


def _endpoint_addresses_and_ports(
    endpoints: npt.NDArray[np.uint64],
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return address and port of both ends of a conversation."""
    first_high, first_low, second_high, second_low, packed = endpoints.tolist()
    return (
        (first_high, first_low, packed >> 32),
        (second_high, second_low, packed >> 16 & 0xFFFF),
    )


def _join_frames_to_embedded_stream(
    capture: CapturedPackets, pieces: list[_MavlinkFrameOrOtherBytes], name: str
) -> EmbeddedStream:
    """Return one stream of the pieces, in the order of their packets, with their times."""
    packets = [piece.stream.packet_completing_byte(piece.start) for piece in pieces]
    order = sorted(range(len(pieces)), key=packets.__getitem__)
    times_us = _packet_times_us(capture)
    written = EmbeddedStreamBuilder()
    for row in order:
        piece = pieces[row]
        runs = list(piece.stream.capture_spans_of_bytes(piece.start, piece.end))
        if piece.is_frame and times_us is not None:
            stamp = int(times_us[packets[row]])
            written.add_generated_bytes(stamp.to_bytes(8), runs[0][0])
        for offset, begin, end in runs:
            written.add_captured_bytes(piece.stream.data[begin:end], offset)
    streams = {id(piece.stream): piece.stream for piece in pieces}.values()
    carried = sorted_distinct_integers(np.concatenate([stream.packets for stream in streams]))
    return EmbeddedStream(written.build_stream_content(capture.content, name), carried)


def _packet_times_us(capture: CapturedPackets) -> npt.NDArray[np.int64] | None:
    """Return the time of each packet, or of the one before it; ``None``: no packet has one."""
    known = np.flatnonzero(capture.times != NO_TIME)
    if not len(known):
        return None
    last = np.searchsorted(known, np.arange(len(capture)), "right") - 1
    return np.asarray(capture.times[known[np.maximum(last, 0)]] // 1000, np.int64)
