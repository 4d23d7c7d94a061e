"""Packet captures (``.pcap``): what a computer, a router or a phone recorded of a network.

Who writes them: tcpdump, Wireshark, libpcap and all that use it, PCAPdroid for Android.

Facts: draft-ietf-opsawg-pcap; tcpdump.org's list of link types; RFC 791, 8200, 9293, 768
(IP, TCP, UDP), 1035, 3596, 9460 (DNS), 8446, 6066 (TLS), 9000, 9001, 9369 (QUIC), 9112
(HTTP/1); PCAPdroid's source for its trailer; 70 captures of other projects.

**Bytes.** A header of 24 bytes (magic, version, snap length, link type), then records:
seconds, fraction, bytes captured, bytes on the wire, and the packet.  The magic gives byte
order and fraction: ``a1b2c3d4`` microseconds, ``a1b23c4d`` nanoseconds, ``a1b2cd34``
("modified") microseconds and 8 more bytes a record.  Nothing marks where a record begins:
behind a length that cannot be, reading goes on at the next place where several records
with plausible times follow one another.

**What is read.** Ethernet with VLAN tags, MPLS and PPPoE, loopback, raw IP and Linux
cooked captures; IPv4 and IPv6 with extension headers and pieces; TCP as far as a
ClientHello or the head of a request; DNS over UDP and TCP; names in TLS and QUIC
(versions 1, 2 and drafts); HTTP/1, RTSP and NTRIP requests.  Link types 147 to 162 are
anybody's own (150 is DJI's internal protocol): counted, and not taken for IP.

**Rows of contacts.** One a conversation, and one for each further HTTP request in it.
``device`` is the endpoint with a private address, else the one that began.  ``evidence`` names
the record that gives the name: ``tls.server_name``, ``quic.server_name``, ``http.host``,
``http.target``, or ``dns.name`` of an earlier answer to the same device, which is weaker:
several names share an address.  Bytes are those of the payload, by length and sequence
number, so that a packet cut by the snap length counts in full and one sent twice counts
once.  All lookups at one resolver are one row; a lookup that no conversation follows is
a row of its own without port.  ``attempted`` is what was refused, reset, not answered, not
found, or answered with an address of nobody (``0.0.0.0``).  Multicast and broadcast, mDNS
and LLMNR are records and no contacts.

**Blind spots**, counted: ``ech`` (a ClientHello that may hide another name; browsers also
send noise that looks like one), ``esni``, ``doh`` (known resolvers, or DNS messages in
HTTP), ``dot``, ``doq``, ``vpn``, ``tls_unread``, ``quic_unread`` (begun, but not read:
cut, or a version not known), ``cut_short`` (packets captured in part), ``not_ip``,
``fragments``.

**When it recorded.** A capture that spans a week need not have recorded all of it.
``NetworkCaptureWindow.recorded`` gives the stretches in which IP packets follow one another, of the
whole, of each interface and of each device: up to ten times the usual pause between bursts,
at least one and at most five minutes.  Packets of link types that are not read, and those in
tunnels, show nothing and are counted (``unread``).  ``merge_signs`` says why a capture seems to
be made of several: a clock that steps back by hours, sections of several computers, stretches
more than a day apart without a device in common.

**Remote ID.** Frames of Wi-Fi and Bluetooth receivers (link types 105, 119, 127, 192, 251, 256,
272) in which an aircraft identifies itself are a stream that the format ``remote-id-broadcast``
reads: each aircraft is a log of its own, at the offsets of the capture.

**MAVLink.** Conversations over UDP and TCP whose bytes are frames of MAVLink, on whatever port, are
streams that the format ``mavlink-tlog`` reads: each frame with the time of its packet.  Those that
share an address and port are one stream.  TCP is put together by sequence numbers.

**MQTT.** Messages of DJI's Cloud API that are published in the clear (port 1883, or a connection
that begins as MQTT does) are a stream that the format ``dji-cloud-api`` reads.

Not decoded: what is encrypted; other Wi-Fi and Bluetooth frames; what tunnels carry; HTTP/2 in
the clear; certificates.
"""

import struct
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .._byte_coverage import CoverageSpan
from .._dji_keychains import Keychains
from .._errors import CorruptLogError
from .._file_content import READ_SIZE, Content
from .._formats import Format, LogsAndParts
from .._model import Issue, Log
from .._record_layout import ByteArray, Layout, LayoutField
from ._packet_capture._captured_packets import (
    MAX_GAPS,
    MAX_PACKET_SIZE,
    BoolArray,
    CapturedPackets,
    CaptureInterface,
    IntArray,
    read_numbers_at_offsets,
    read_u32_fields,
    record_search_windows,
    times_with_implausible_ones_blanked,
)
from ._packet_capture._embedded_streams_for_other_formats import (
    packet_capture_log_and_embedded_streams,
)
from ._packet_capture._link_layer import ETHERNET
from ._packet_capture._pcapdroid_app_of_packet import app_in_trailer
from ._packet_capture._start_of_capture_without_header import find_pcap_start
from ._shared._which_facts_logs_record import CONTACT_FACTS

#: Magic, in either byte order -> nanoseconds in a tick, bytes of a record's header.
_KINDS = {0xA1B2C3D4: (1000, 16), 0xA1B23C4D: (1, 16), 0xA1B2CD34: (1000, 24)}
_MAGICS = {
    number.to_bytes(4, order): (order, number)
    for number in _KINDS
    for order in ("little", "big")
}  # fmt: skip
HEADER = Layout(
    "Header of the file",
    "draft-ietf-opsawg-pcap, section 4",
    (
        LayoutField("magic", 0, "<u4", meaning="byte order of the file, and unit of the fraction"),
        LayoutField("version_major", 4, "<u2"),
        LayoutField("version_minor", 6, "<u2"),
        LayoutField("zone_s", 8, "<i4", "s", meaning="times are ahead of UTC; usually 0"),
        LayoutField("accuracy", 12, "<u4", meaning="not used"),
        LayoutField("snap_length", 16, "<u4", "byte", meaning="most bytes captured of a packet"),
        LayoutField("link_type", 20, "<u4", meaning="lower 16 bits: tcpdump.org's list"),
    ),
    notes="All numbers are in the byte order that the magic shows.",
)
RECORD = Layout(
    "Header of a packet record",
    "draft-ietf-opsawg-pcap, section 5",
    (
        LayoutField("seconds", 0, "<u4", "s", meaning="since 1970"),
        LayoutField("fraction", 4, "<u4", meaning="micro- or nanoseconds"),
        LayoutField("captured", 8, "<u4", "byte", meaning="of the packet in the file"),
        LayoutField("original", 12, "<u4", "byte", meaning="of the packet on the wire"),
    ),
    notes='A "modified" capture has 8 more bytes behind these.',
)
#: After damage: records that must follow one another, and how far apart two records in a row
#: may lie in time, seconds.
_MIN_LINKED_RECORDS, _MAX_GAP_S = 4, 7 * 86_400


@dataclass(frozen=True, slots=True)
class _PcapHeader:
    """The header of the file, and what follows from it."""

    order: str
    tick_ns: int
    record: int
    snap_length: int
    link: int
    zone_s: int
    version: str

    @property
    def max_packet_size(self) -> int:
        """Bytes that a packet has at most."""
        return max(MAX_PACKET_SIZE, self.snap_length if self.snap_length < 1 << 26 else 0)


def claims(content: Content) -> bool:
    """Return whether the file begins with the magic of a capture."""
    return content.head[:4] in _MAGICS


def read(content: Content, keys: Sequence[Keychains] = ()) -> Log:
    """Read a capture.

    Raises:
        CorruptLogError: If its header is not whole, or not that of a known version.
    """
    return read_capture_and_cut_out_embedded_logs(content, keys).logs[0]


def read_capture_and_cut_out_embedded_logs(
    content: Content, keys: Sequence[Keychains] = ()
) -> LogsAndParts:
    """Read a capture, and cut the streams from it that are logs of other formats.

    Raises:
        CorruptLogError: As ``read``.
    """
    del keys
    with ThreadPoolExecutor(1) as executor:
        # Hashing lets other threads run, and takes no part in decoding.
        executor.submit(lambda: content.sha256)
        packets = _read_packets(content, _read_file_header(content))
        return packet_capture_log_and_embedded_streams(content, packets, FORMAT.name)


def _read_file_header(content: Content) -> _PcapHeader:
    data = content.read_bytes(0, HEADER.size, "the header of a capture")
    order, number = _MAGICS[data[:4]]
    sign: Literal["<", ">"] = "<" if order == "little" else ">"
    fields = HEADER.unpack_record(data, sign)
    version = f"{fields['version_major']}.{fields['version_minor']}"
    if fields["version_major"] != 2:
        raise CorruptLogError(4, "version 2 of a capture", version)
    tick, record = _KINDS[number]
    kind = {0xA1B23C4D: ", nanoseconds", 0xA1B2CD34: ", modified"}.get(number, "")
    # The upper bits hold the length of the checksum behind each frame.
    link = fields["link_type"] & 0xFFFF
    return _PcapHeader(
        sign, tick, record, fields["snap_length"], link, fields["zone_s"], version + kind
    )


def _read_packets(content: Content, header: _PcapHeader) -> CapturedPackets:
    offsets, gaps = _index_records_and_gaps(content, header)
    seconds, fraction, captured, original = read_u32_fields(content, offsets, RECORD, header.order)
    starts = offsets + header.record
    notes = () if not header.zone_s else (f"its header sets times off by {header.zone_s} s",)
    resolution = "nanoseconds" if header.tick_ns == 1 else "microseconds"
    capture = CapturedPackets(
        content,
        offsets=offsets,
        record_ends=starts + captured,
        packet_offsets=starts,
        captured_sizes=captured.astype(np.int32),
        wire_sizes=np.maximum(original, captured),
        times=times_with_implausible_ones_blanked(
            (seconds - header.zone_s) * 10**9 + fraction * header.tick_ns
        ),
        interface_indexes=np.zeros(len(offsets), np.int32),
        interfaces=(CaptureInterface(header.link, header.snap_length or None, resolution, 0),),
        version=header.version,
        other_spans=(
            CoverageSpan(0, HEADER.size, "header"),
            *(CoverageSpan(a, b - a, "gap") for a, b, _ in gaps),
        ),
        issues=tuple(Issue(a, b - a, reason) for a, b, reason in gaps),
        notes=notes,
    )
    if header.link == ETHERNET:
        capture.app_of = lambda packet: app_in_trailer(_last_bytes_of_packet(capture, packet))
    return capture


def _last_bytes_of_packet(capture: CapturedPackets, packet: int) -> bytes:
    size = min(32, int(capture.captured_sizes[packet]))
    return capture.read_bytes(int(capture.record_ends[packet]) - size, size)


def _index_records_and_gaps(
    content: Content, header: _PcapHeader
) -> tuple[IntArray, list[tuple[int, int, str]]]:
    """Return where each record begins, and the gaps between them with their reason."""
    lengths = struct.Struct(f"{header.order}II").unpack_from
    data, size, record, longest = content.data, len(content), header.record, header.max_packet_size
    offsets, lengths_swapped = array("q"), False
    gaps: list[tuple[int, int, str]] = []
    add_offset, offset, last = offsets.append, HEADER.size, size - header.record
    while offset < size:
        stop = min(last, offset + READ_SIZE)
        while offset <= stop:
            captured, original = lengths(data, offset + 8)
            if (
                captured > longest
                or offset + record + captured > size
                or (captured > original and not lengths_swapped)
            ):
                break
            add_offset(offset)
            offset += record + captured
        content.release_pages(0, offset)
        if offset >= size or stop < offset <= last:
            continue
        if _has_swapped_lengths(content, header, offset, offsets):
            lengths_swapped = True
            continue
        resume_at = None
        if len(gaps) < MAX_GAPS:
            resume_at = _find_next_record(
                content.array, header, offset, _last_record_epoch_s(content, header, offsets)
            )
        if resume_at is None:
            gaps.append((offset, size, _gap_reason(offset, size, header, content)))
            break
        gaps.append((offset, resume_at, "not a packet record: its length is impossible"))
        offset = resume_at
    return np.frombuffer(offsets, np.int64) if offsets else np.empty(0, np.int64), gaps


def _last_record_epoch_s(
    content: Content, header: _PcapHeader, offsets: "array[int]"
) -> int | None:
    """Return the time of the last record."""
    if not offsets:
        return None
    return int(
        read_numbers_at_offsets(content.array, np.array(offsets[-1:]), f"{header.order}u4")[0]
    )


def _has_swapped_lengths(
    content: Content, header: _PcapHeader, offset: int, offsets: "array[int]"
) -> bool:
    """Return whether a writer counts more bytes captured than on the wire, and reading fits."""
    if offset + header.record > len(content):
        return False
    captured, original = content.unpack(f"{header.order}II", offset + 8, "the lengths of a record")
    after = offset + header.record + captured
    if captured <= original or captured > header.max_packet_size or after > len(content):
        return False
    seconds = _last_record_epoch_s(content, header, offsets)
    near = _plausible_record_header_mask(
        content.array, header, np.array([after]), seconds, lengths_swapped=True
    )
    return after == len(content) or bool(near[0])


def _gap_reason(offset: int, size: int, header: _PcapHeader, content: Content) -> str:
    if offset + header.record > size:
        return "the file is cut short within the header of a record"
    captured = int(
        read_numbers_at_offsets(content.array, np.array([offset + 8]), f"{header.order}u4")[0]
    )
    if captured > header.max_packet_size:
        return "not a packet record: its length is impossible"
    return (
        f"the file is cut short: a packet of {captured} bytes has {size - offset - header.record}"
    )


def _find_next_record(
    data: ByteArray, header: _PcapHeader, offset: int, seconds: int | None
) -> int | None:
    """Return the next place where records follow one another again, near a time if one is known."""
    for window in record_search_windows(offset + 1, len(data) - header.record + 1):
        candidates = np.arange(*window)
        candidates = candidates[_plausible_record_header_mask(data, header, candidates, seconds)]
        next_offsets, valid = candidates, np.ones(len(candidates), np.bool_)
        for _ in range(_MIN_LINKED_RECORDS if len(candidates) else 0):
            captured = read_numbers_at_offsets(data, next_offsets + 8, f"{header.order}u4").astype(
                np.int64
            )
            next_offsets = np.where(valid, next_offsets + header.record + captured, next_offsets)
            ended = next_offsets == len(data)
            valid &= ended | _plausible_record_header_mask(data, header, next_offsets, seconds)
            next_offsets = np.where(ended, candidates, next_offsets)
        candidates = candidates[valid]
        if len(candidates):
            return int(candidates[0])
    return None


def _plausible_record_header_mask(
    data: ByteArray,
    header: _PcapHeader,
    offsets: IntArray,
    seconds: int | None,
    *,
    lengths_swapped: bool = False,
) -> BoolArray:
    """Return where a record could begin: lengths that agree, and a time near the last."""
    wire = f"{header.order}u4"
    time, fraction, captured, original = (
        read_numbers_at_offsets(data, offsets + distance, wire).astype(np.int64)
        for distance in (0, 4, 8, 12)
    )
    near = np.abs(time - seconds) < _MAX_GAP_S if seconds is not None else time > 0
    fits = offsets + header.record + captured <= len(data)
    agree = (
        (captured > 0)
        & (captured <= header.max_packet_size)
        & ((captured <= original) | lengths_swapped)
    )
    return np.asarray(near & fits & agree & (fraction < 10**9 // header.tick_ns))


FORMAT = Format(
    "pcap",
    "Packet capture (pcap)",
    "draft-ietf-opsawg-pcap; tcpdump.org link types; RFC 1035, 8446, 9001, 9112",
    claims,
    read,
    facts=CONTACT_FACTS,
    read_logs_and_parts=read_capture_and_cut_out_embedded_logs,
    find_start_offset=find_pcap_start,
    skips_filled_tail=True,
)
