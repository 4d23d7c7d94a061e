"""Packets of an MPEG transport stream: where they lie, and those that carry KLV.

Facts: ISO/IEC 13818-1 (packets of 188 bytes that begin with 47, PAT, PMT, PES); the 192 bytes of
BDAV with four bytes of time before each, and the 204 with error correction behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .._file_content import Content
from .._record_layout import ByteArray
from ._decode_item_values import Ints
from ._find_local_sets import LABEL_PREFIX

PACKET_SIZE = 188
_SYNC = 0x47
#: Bytes from one packet to the next, and bytes before the first of a file.
_STRIDES = (188, 192, 204)
#: Packets that must follow one another where a stream begins, or begins again.
_LEAST_PACKETS, _LEAST_AGAIN = 5, 4
#: Packets looked at at once; after damage few, then more and more.
_MOST_AT_ONCE, _FEWEST_AT_ONCE = 1 << 14, 1 << 6
_FIRST_SEARCHED = 1 << 12
#: First bytes of a file that are looked at whether they are a text.
_TEXT_BYTES = 1024
#: Stream types of video; those of metadata.
_VIDEO_TYPES = frozenset({0x01, 0x02, 0x10, 0x1B, 0x24, 0x33})
_ASYNCHRONOUS, _SYNCHRONOUS = 0x06, 0x15
#: Stream types of sound: MPEG-1 and -2, AAC in three wrappings, AC-3 and E-AC-3 of ATSC.
_SOUND_TYPES = frozenset({0x03, 0x04, 0x0F, 0x11, 0x1C, 0x81, 0x87})
#: Of private data, the tags of descriptors of sound (AC-3, E-AC-3, DTS, AAC: ETSI EN 300 468), and
#: the identifiers in a registration (SMPTE 302M, AC-3, DTS, Opus).
_SOUND_DESCRIPTORS = frozenset({0x6A, 0x7A, 0x7B, 0x7C})
_SOUND_REGISTRATIONS = (b"BSSD", b"AC-3", b"EAC3", b"DTS1", b"DTS2", b"DTS3", b"Opus")
_PRIVATE_PES, _METADATA_PES = 0xBD, 0xFC
#: Packets with metadata whose places are kept; more than any recording has.
_MOST_KEPT = 1 << 23
_MOST_TABLES = 10_000


@dataclass(frozen=True, slots=True)
class PacketStartAndStride:
    """How the packets of a stream lie."""

    #: First byte with the sync value.
    first: int
    stride: int

    @property
    def bytes_before_sync_byte(self) -> int:
        """Bytes of each packet before its sync byte."""
        return 4 if self.stride == 192 else 0


@dataclass(frozen=True, slots=True)
class ElementaryStream:
    """One stream of a programme, as its map table declares it."""

    #: First byte of its entry in the table.
    offset: int
    pid: int
    stream_type: int
    #: ``video``, ``sound``, ``metadata`` or ``unknown``.
    content: str


@dataclass(eq=False)
class TransportScan:
    """What one pass over a transport stream finds."""

    grid: PacketStartAndStride
    #: Number of the stream -> sync byte of each of its packets in the file, shape ``(n,)``.
    kept: dict[int, Ints] = field(default_factory=dict)
    #: Streams that the tables declare: number -> stream type.
    declared: dict[int, int] = field(default_factory=dict)
    has_video: bool = False
    #: Every stream that the tables declare, by number.
    streams: dict[int, ElementaryStream] = field(default_factory=dict)
    #: Whether a map table is longer than its packet, so that it may declare more.
    has_longer_table: bool = False
    packet_count: int = 0
    #: Begin and end of stretches that are no packets.
    lost: list[tuple[int, int]] = field(default_factory=list)
    #: Whether there were more packets with metadata than are kept.
    is_too_much: bool = False


def detect_packet_start_and_stride(head: bytes) -> PacketStartAndStride | None:
    """Return how packets lie in the first bytes of a file; ``None``: there are none."""
    data = np.frombuffer(head, np.uint8)
    if all(byte >= 0x20 or byte in b"\t\r\n" for byte in head[:_TEXT_BYTES]):
        return None  # a text, in which a letter G may stand anywhere
    for stride in _STRIDES:
        firsts = np.arange(min(stride, max(len(data) - (_LEAST_PACKETS - 1) * stride - 4, 0)))
        is_grid = np.ones(len(firsts), bool)
        for number in range(_LEAST_PACKETS):
            at = firsts + number * stride
            # Each has a payload or an adaptation field, which no text of letters G has.
            is_grid &= (data[at] == _SYNC) & (data[at + 3] & 0x30 != 0)
        for first in np.flatnonzero(is_grid).tolist():
            if (data[first::stride] == _SYNC).all():
                return PacketStartAndStride(first, stride)
    return None


def scan_transport_stream(content: Content, grid: PacketStartAndStride) -> TransportScan:
    """Look at the header of every packet, and keep the places of those of streams with KLV.

    Of a packet eight bytes are kept: a recording of hours has millions, and the file is at hand.
    """
    scan = TransportScan(grid)
    wanted: dict[int, list[Ints]] = {}
    tables: dict[int, None] = {}
    kept = 0
    for start, count in _packet_runs(content, scan):
        block = content.array[start : start + count * grid.stride]
        padded = block
        if len(block) < count * grid.stride:
            padded = np.concatenate([block, np.zeros(count * grid.stride - len(block), np.uint8)])
        packets = padded.reshape(count, grid.stride)[:, :PACKET_SIZE]
        scan.packet_count += count
        pids = ((packets[:, 1].astype(np.int32) & 0x1F) << 8) | packets[:, 2]
        _add_streams_of_program_tables(scan, packets, pids, tables, start)
        for pid in _pids_of_klv_streams(scan, packets, pids):
            wanted.setdefault(pid, [])
        for pid, pieces in wanted.items():
            rows = np.flatnonzero(pids == pid)
            if kept + len(rows) > _MOST_KEPT:
                scan.is_too_much = True
                continue
            kept += len(rows)
            if len(rows):
                pieces.append(start + rows * grid.stride)
        content.release_pages(start, count * grid.stride)
    scan.kept = {pid: np.concatenate(pieces) for pid, pieces in sorted(wanted.items()) if pieces}
    return scan


def copy_packets_at(data: ByteArray, offsets: Ints) -> ByteArray:
    """Return a copy of the packets whose sync bytes stand at some offsets, shape ``(n, 188)``."""
    return np.lib.stride_tricks.sliding_window_view(data, PACKET_SIZE)[offsets]


def _packet_runs(content: Content, scan: TransportScan) -> Iterator[tuple[int, int]]:
    """Yield runs of packets, first sync byte and number; the rest becomes ``scan.lost``."""
    data, stride, lead = content.array, scan.grid.stride, scan.grid.bytes_before_sync_byte
    at, size = scan.grid.first, len(content)
    accounted = 0
    window = _MOST_AT_ONCE
    while at + PACKET_SIZE <= size:
        count = min(window, (size - at - PACKET_SIZE) // stride + 1)
        synced = data[at : at + (count - 1) * stride + 1 : stride] == _SYNC
        good = count if synced.all() else int(np.argmin(synced))
        if good:
            if at - lead > accounted:
                scan.lost.append((accounted, max(at - lead, 0)))
            yield at, good
            at += good * stride
            accounted = min(at - lead, size)
        window = min(window * 2, _MOST_AT_ONCE)
        if good < count:
            window = _FEWEST_AT_ONCE
            again = _next_sync_byte(data, at, stride)
            if again is None:
                break
            at = again
    if accounted < size:
        scan.lost.append((accounted, size))


def _next_sync_byte(data: ByteArray, at: int, stride: int) -> int | None:
    """Return where packets follow one another again; ``None``: nowhere."""
    following = at + stride * np.arange(1, _LEAST_AGAIN + 1)
    if following[-1] < len(data) and (data[following] == _SYNC).all():
        return int(following[0])  # the sync byte alone is damaged
    searched = _FIRST_SEARCHED
    at += 1
    while at + PACKET_SIZE <= len(data):
        found = at + np.flatnonzero(data[at : at + searched] == _SYNC)
        for number in range(1, _LEAST_AGAIN):
            places = found + number * stride
            is_inside = places < len(data)
            found = found[~is_inside | (data[np.where(is_inside, places, 0)] == _SYNC)]
        found = found[found + PACKET_SIZE <= len(data)]
        if len(found):
            return int(found[0])
        at += searched
        searched = min(searched * 2, 1 << 22)
    return None


def payload_begin_of_each_packet(packets: ByteArray) -> Ints:
    """Return where the payload of each packet begins, 188 where it has none."""
    control = (packets[:, 3] >> 4) & 3
    begins = np.where(control & 2, 5 + packets[:, 4].astype(np.int64), 4)
    return np.where(control & 1, np.minimum(begins, PACKET_SIZE), PACKET_SIZE)


def _pids_of_klv_streams(
    scan: TransportScan, packets: ByteArray, pids: npt.NDArray[np.int32]
) -> list[int]:
    """Return the streams that the tables call KLV, or of which a unit begins with a label."""
    begins = payload_begin_of_each_packet(packets)
    rows = np.flatnonzero((packets[:, 1] & 0x40 != 0) & (begins <= PACKET_SIZE - 9))
    heads = packets[rows[:, None], begins[rows][:, None] + np.arange(4)]
    is_pes = (heads[:, 0] == 0) & (heads[:, 1] == 0) & (heads[:, 2] == 1)
    scan.has_video = scan.has_video or bool((is_pes & (heads[:, 3] & 0xF0 == 0xE0)).any())
    is_private = is_pes & np.isin(heads[:, 3], (_PRIVATE_PES, _METADATA_PES))
    rows = rows[is_private]
    bodies = packets[rows]
    has_label = np.zeros((len(rows), PACKET_SIZE - 3), bool)
    has_label[:] = bodies[:, : PACKET_SIZE - 3] == LABEL_PREFIX[0]
    for place in range(1, 4):
        has_label &= bodies[:, place : PACKET_SIZE - 3 + place] == LABEL_PREFIX[place]
    found = set(np.unique(pids[rows[has_label.any(axis=1)]]).tolist())
    # Audio in private streams would be kept for nothing, so that tables alone decide of metadata.
    found |= {pid for pid, kind in scan.declared.items() if kind in (_ASYNCHRONOUS, _SYNCHRONOUS)}
    return sorted(found)


def _add_streams_of_program_tables(
    scan: TransportScan,
    packets: ByteArray,
    pids: npt.NDArray[np.int32],
    tables: dict[int, None],
    start: int,
) -> None:
    """Read what the association and map tables of some packets declare, the first at `start`."""
    for is_map_table in (False, True):
        # The association table of these packets may name their map tables.
        wanted = list(tables) if is_map_table else [0]
        rows = np.flatnonzero(np.isin(pids, wanted) & (packets[:, 1] & 0x40 != 0))
        if not len(rows):
            continue
        # A table is repeated several times a second; each is read once.
        for row in np.unique(packets[rows, 4:], axis=0, return_index=True)[1][:_MOST_TABLES]:
            packet = packets[rows[row]]
            begin = int(payload_begin_of_each_packet(packet[None])[0])
            payload = packet[begin:].tobytes()
            skipped = 1 + payload[0] if payload else 0
            section = payload[skipped:]
            if is_map_table:
                offset = start + int(rows[row]) * scan.grid.stride + begin + skipped
                _note_streams_of_pmt(scan, section, offset)
            else:
                tables.update(dict.fromkeys(_program_map_table_pids(section)))


def _program_map_table_pids(section: bytes) -> Iterator[int]:
    if len(section) < 12 or section[0] != 0:
        return
    end = min(3 + (int.from_bytes(section[1:3], "big") & 0x0FFF) - 4, len(section) - 3)
    for at in range(8, end, 4):
        if section[at : at + 2] != b"\0\0":
            yield int.from_bytes(section[at + 2 : at + 4], "big") & 0x1FFF


def _note_streams_of_pmt(scan: TransportScan, section: bytes, offset: int) -> None:
    """Note the streams of a map table that begins at a byte of the file."""
    if len(section) < 16 or section[0] != 2:
        return
    stated_end = 3 + (int.from_bytes(section[1:3], "big") & 0x0FFF) - 4
    scan.has_longer_table |= stated_end > len(section) - 4
    end = min(stated_end, len(section) - 4)
    at = 12 + (int.from_bytes(section[10:12], "big") & 0x0FFF)
    while at + 5 <= end:
        kind, pid = section[at], int.from_bytes(section[at + 1 : at + 3], "big") & 0x1FFF
        size = int.from_bytes(section[at + 3 : at + 5], "big") & 0x0FFF
        content = _content_of_stream(kind, section[at + 5 : at + 5 + size])
        if content == "metadata":
            scan.declared[pid] = kind
        scan.has_video = scan.has_video or content == "video"
        scan.streams.setdefault(pid, ElementaryStream(offset + at, pid, kind, content))
        at += 5 + size


def _content_of_stream(kind: int, descriptors: bytes) -> str:
    """Return what a stream holds by its type and descriptors, as ``ElementaryStream.content``."""
    if kind in _VIDEO_TYPES:
        return "video"
    if kind in _SOUND_TYPES:
        return "sound"
    if kind == _SYNCHRONOUS or (kind == _ASYNCHRONOUS and b"KLVA" in descriptors):
        return "metadata"
    at = 0
    while at + 2 <= len(descriptors):
        tag, size = descriptors[at], descriptors[at + 1]
        body = descriptors[at + 2 : at + 2 + size]
        if tag in _SOUND_DESCRIPTORS or (tag == 0x05 and body[:4] in _SOUND_REGISTRATIONS):
            return "sound"
        at += 2 + size
    return "unknown"
