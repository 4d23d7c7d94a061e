"""Packet captures of the next generation (``.pcapng``).

Who writes them: Wireshark, dumpcap, tcpdump on macOS, PCAPdroid for Android.

Facts: draft-ietf-opsawg-pcapng; PCAPdroid's source for its custom block and comments; 30
captures of other projects.  The format ``pcap`` describes what is read of the
packets, and the rows.

**Bytes.** Blocks of ``type, length, body, length``, in the byte order that the header of
their section states; a file may have several sections.  Of each section:

- interface descriptions: link type, snap length, ticks in a second (a power of ten or of
  two, microseconds if not stated) and an offset in seconds;
- packets: enhanced (6), simple (3, without a time) and the old kind (2);
- name resolution (4): its names are the last resort for a host;
- interface statistics (5): what the capture lost is a record and an issue;
- secrets (10): counted and never shown; nothing is decrypted;
- custom blocks (0x0BAD, 0x40000BAD): those of PCAPdroid name apps; others are stored as bytes.

Both lengths of a block must agree.  Behind one whose do not, reading goes on at the next
place where a block of a known type has two that do.
"""

import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .._dji_keychains import Keychains
from .._errors import UnsupportedVersionError
from .._file_content import Content
from .._formats import Format, LogsAndParts
from .._model import Log
from .._record_layout import Layout, LayoutField
from ._packet_capture._captured_packets import (
    MAX_PACKET_SIZE,
    NO_TIME,
    CapturedPackets,
    IntArray,
    each_value_and_its_row_indexes,
    read_numbers_at_offsets,
    read_u32_fields,
    times_with_implausible_ones_blanked,
)
from ._packet_capture._embedded_streams_for_other_formats import (
    packet_capture_log_and_embedded_streams,
)
from ._packet_capture._pcapdroid_app_of_packet import (
    android_uid_in_comment,
    app_in_trailer,
    app_name_or_android_uid,
)
from ._packet_capture._pcapng_blocks import (
    OLD,
    ORDER,
    SIMPLE,
    PcapngBlocks,
    PcapngSection,
    iterate_options,
    note_packets_and_read_other_blocks,
)
from ._packet_capture._start_of_capture_without_header import find_pcapng_start
from ._shared._which_facts_logs_record import CONTACT_FACTS

PACKET = Layout(
    "Enhanced packet block",
    "draft-ietf-opsawg-pcapng, section 4.3",
    (
        LayoutField("interface", 8, "<u4", meaning="index among the interfaces of the section"),
        LayoutField("time_high", 12, "<u4", meaning="ticks of the interface since 1970"),
        LayoutField("time_low", 16, "<u4", meaning="their lower 32 bits"),
        LayoutField("captured", 20, "<u4", "byte", meaning="of the packet in the file"),
        LayoutField("original", 24, "<u4", "byte", meaning="of the packet on the wire"),
    ),
    notes="Type and length stand before these, the packet and its options behind. The old block "
    "has a 16-bit interface; the simple one has at byte 8 the bytes on the wire, and the packet.",
)


def claims(content: Content) -> bool:
    """Return whether the file begins with the header of a section."""
    return content.head[:4] == b"\n\r\r\n" and content.head[8:12] in ORDER


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a capture.

    Raises:
        CorruptLogError: If the first header is not whole.
        UnsupportedVersionError: If its version is not known.
    """
    return read_capture_and_cut_out_embedded_logs(content, keys).logs[0]


def read_capture_and_cut_out_embedded_logs(
    content: Content, keys: Sequence[Keychains] = ()
) -> LogsAndParts:
    """Read a capture, and cut the streams from it that are logs of other formats.

    Raises:
        CorruptLogError: As ``read``.
        UnsupportedVersionError: As ``read``.
    """
    del keys
    with ThreadPoolExecutor(1) as executor:
        # Hashing lets other threads run, and takes no part in decoding.
        executor.submit(lambda: content.sha256)
        return packet_capture_log_and_embedded_streams(content, _read_packets(content), FORMAT.name)


def _read_packets(content: Content) -> CapturedPackets:
    blocks = PcapngBlocks(content)
    content.read_bytes(0, 28, "the header of a section")
    major, minor = struct.unpack_from(f"{ORDER[content.head[8:12]]}HH", content.head, 12)
    if major != 1:
        raise UnsupportedVersionError(f"version {major}.{minor} of pcapng; known is 1")
    blocks.version = f"{major}.{minor}"
    note_packets_and_read_other_blocks(blocks)
    return _packets_of_blocks(blocks)


@dataclass(slots=True)
class _SectionPackets:
    """The columns of one section's packets."""

    offsets: IntArray
    ends: IntArray
    starts: IntArray
    captured: IntArray
    wire: IntArray
    times: IntArray
    sources: IntArray


def _packets_of_blocks(blocks: PcapngBlocks) -> CapturedPackets:
    parts = [_section_packets_and_gaps(blocks, section) for section in blocks.sections]

    def joined_column(name: str) -> IntArray:
        columns = [getattr(part, name) for part in parts]
        return np.concatenate(columns) if columns else np.empty(0, np.int64)

    capture = CapturedPackets(
        blocks.content,
        offsets=joined_column("offsets"),
        record_ends=joined_column("ends"),
        packet_offsets=joined_column("starts"),
        captured_sizes=joined_column("captured").astype(np.int32),
        wire_sizes=joined_column("wire"),
        times=joined_column("times"),
        interface_indexes=joined_column("sources").astype(np.int32),
        interfaces=tuple(blocks.interfaces),
        version=blocks.version,
        other_spans=tuple(blocks.spans),
        issues=tuple(blocks.issues),
        host_names=blocks.names,
        other_records=blocks.rows,
    )
    orders = {int(one.places[0]): one.order for one in blocks.sections if len(one.places)}
    begins = np.array(sorted(orders) or [0])

    def app_of(packet: int) -> str | None:
        at = int(capture.offsets[packet])
        first = int(begins[max(0, int(np.searchsorted(begins, at, "right")) - 1)])
        return _app_of_packet(blocks, capture, packet, orders.get(first, "<"))

    capture.app_of = app_of
    return capture


def _app_of_packet(
    blocks: PcapngBlocks, capture: CapturedPackets, packet: int, order: str
) -> str | None:
    """Return the app that a comment behind a packet, or a trailer, names."""
    start, size = int(capture.packet_offsets[packet]), int(capture.captured_sizes[packet])
    behind = start + (size + 3) // 4 * 4
    end = int(capture.record_ends[packet]) - 4
    for code, value in iterate_options(capture.read_bytes(behind, max(0, end - behind)), order):
        if code == 1 and (user := android_uid_in_comment(value)) is not None:
            return app_name_or_android_uid(user, blocks.apps)
    return app_in_trailer(capture.read_bytes(start + max(0, size - 32), min(32, size)))


def _section_packets_and_gaps(blocks: PcapngBlocks, section: PcapngSection) -> _SectionPackets:
    """Return the packets of a section; those that break a rule become gaps."""
    offsets = np.frombuffer(section.places, np.int64) if section.places else np.empty(0, np.int64)
    kinds = np.frombuffer(section.kinds, np.uint8) if section.kinds else np.empty(0, np.uint8)
    lengths = np.frombuffer(section.lengths, np.int64) if section.lengths else offsets

    words = read_u32_fields(blocks.content, offsets, PACKET, section.order)
    simple, old = kinds == SIMPLE, kinds == OLD
    before = np.where(simple, 12, 28)
    source = np.where(simple, 0, words[0])
    source[old] = read_numbers_at_offsets(
        blocks.content.array, offsets[old] + 8, f"{section.order}u2"
    )
    count = len(section.interfaces)
    room = lengths - before - 4
    snaps = [
        blocks.interfaces[interface].snap_length or MAX_PACKET_SIZE
        for interface in section.interfaces
    ]
    snap = np.array(snaps or [0])[np.where(source < count, source, 0)]
    captured = np.where(simple, np.minimum(np.minimum(words[0], room), snap), words[3])
    original = np.where(simple, words[0], words[4])
    valid = (source < count) & (captured <= room) & (room >= 0)
    for offset, length in zip(offsets[~valid].tolist(), lengths[~valid].tolist(), strict=True):
        blocks.add_gap(offset, offset + length, "a packet of an unknown interface, or too long")
    ticks = np.where(simple, NO_TIME, words[1] << 32 | words[2])
    offsets, source = offsets[valid], source[valid]
    return _SectionPackets(
        offsets, offsets + lengths[valid], offsets + before[valid], captured[valid],
        np.maximum(original, captured)[valid], _times_from_ticks_ns(ticks[valid], source, section),
        np.array(section.interfaces or [0], np.int64)[source],
    )  # fmt: skip


def _times_from_ticks_ns(ticks: IntArray, source: IntArray, section: PcapngSection) -> IntArray:
    """Return nanoseconds since 1970 from each interface's ticks."""
    times_ns = np.full(len(ticks), NO_TIME, np.int64)
    for interface, own in each_value_and_its_row_indexes(source):
        code, offset = section.clocks[interface]
        rows = own[ticks[own] > 0]
        value, power = ticks[rows], code & 127
        if code & 128:
            power = min(power, 62)
            fraction = value & ((1 << power) - 1)
            fraction = (fraction >> max(0, power - 30)) * 10**9 >> min(power, 30)
            seconds = value >> power
        elif power <= 18:
            seconds, fraction = np.divmod(value, 10**power)
            fraction = fraction * 10 ** (9 - power) if power <= 9 else fraction // 10 ** (power - 9)
        else:
            continue
        sane = (seconds >= 0) & (seconds < 1 << 33) & (abs(offset) < 1 << 33)
        times = np.where(sane, seconds + (offset if abs(offset) < 1 << 33 else 0), 0) * 10**9
        times_ns[rows] = times_with_implausible_ones_blanked(
            np.where(sane, times + fraction, NO_TIME)
        )
    return times_ns


FORMAT = Format(
    "pcapng",
    "Packet capture (pcapng)",
    "draft-ietf-opsawg-pcapng; tcpdump.org link types",
    claims,
    read,
    facts=CONTACT_FACTS,
    read_logs_and_parts=read_capture_and_cut_out_embedded_logs,
    find_start_offset=find_pcapng_start,
    skips_filled_tail=True,
)
